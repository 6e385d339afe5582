import { ElMessageBox } from "element-plus";
import { watch } from "vue";

import { i18n } from "@/i18n";

import { attempt } from "./attempt";
import { useDesk } from "./desk";
import { useLine } from "./line";

let isAsking = false;

/** End the call in hand. A caller on hold is not cut off by it, which the lawyer is told before. */
export async function hangUp(): Promise<void> {
  const desk = useDesk();
  const line = useLine();
  if (!line.isInTalk || desk.state !== "held" || desk.answer?.guest) return line.hangUp();
  if (isAsking) return;
  isAsking = true;
  const stop = watch(() => desk.state, () => ElMessageBox.close());
  const said = await asked();
  stop();
  isAsking = false;
  if (desk.state !== "held") return;
  if (said === "retrieve") await attempt(() => desk.talk("retrieve"));
  if (said === "hang_up") line.hangUp();
}

/** What the lawyer wants; null: neither. */
async function asked(): Promise<"retrieve" | "hang_up" | null> {
  const { t } = i18n.global;
  const box = ElMessageBox.confirm(t("desk.call.held_text"), t("desk.call.held_title"), {
    type: "warning",
    confirmButtonText: t("desk.call.retrieve"),
    cancelButtonText: t("desk.call.hang_up"),
    distinguishCancelAndClose: true,
  });
  const said = await box.catch((action: unknown) => action);
  return said === "confirm" ? "retrieve" : said === "cancel" ? "hang_up" : null;
}
