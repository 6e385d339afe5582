import { ref, shallowRef } from "vue";

import { api, ApiFault, got, type Model } from "@/api/client";

export type Move = "review" | "publish" | "withdraw";

const LOOK_MS = 250;
const PATIENCE = 120;

/** A move of a version, and for those that make a release how it reaches the calls. */
export function useMove() {
  const isBusy = ref(false);
  const refused = ref("");
  const done = shallowRef<Model<"FlowMoved"> | null>(null);
  const running = shallowRef<Model<"FlowRunning"> | null>(null);

  async function follow(release: number): Promise<void> {
    for (let asked = 0; asked < PATIENCE; asked += 1) {
      running.value = await got(api.GET("/api/v1/flows/running")).catch(() => running.value);
      const now = running.value;
      if (now && (now.running >= release || now.refused)) return;
      await new Promise((next) => setTimeout(next, LOOK_MS));
    }
  }

  async function make(asked: () => Promise<Model<"FlowMoved">>): Promise<boolean> {
    isBusy.value = true;
    refused.value = "";
    done.value = running.value = null;
    try {
      done.value = await asked();
      if (done.value.release) await follow(done.value.release.release);
      return true;
    } catch (fault) {
      refused.value = fault instanceof ApiFault ? fault.message : String(fault);
      return false;
    } finally {
      isBusy.value = false;
    }
  }

  const move = (what: Move, flow: string, version: number, note: string, seen: number) =>
    make(() => {
      const params = { path: { flow, version } };
      const body = { note, seen };
      if (what === "review") return got(api.POST("/api/v1/flows/{flow}/versions/{version}/review", { params, body }));
      if (what === "publish") return got(api.POST("/api/v1/flows/{flow}/versions/{version}/publish", { params, body }));
      return got(api.POST("/api/v1/flows/{flow}/versions/{version}/withdraw", { params, body }));
    });
  const submit = (flow: string, text: string, note: string) =>
    make(() => got(api.POST("/api/v1/flows/{flow}/versions", { params: { path: { flow } }, body: { text, note } })));
  const rollback = (to: number | null, policy: boolean, note: string) =>
    make(() => got(api.POST("/api/v1/flows/rollback", { body: { to, policy, note } })));

  return { isBusy, refused, done, running, move, submit, rollback };
}

export type Moving = ReturnType<typeof useMove>;
