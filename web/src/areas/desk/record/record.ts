import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";

import { api, ApiFault, got } from "@/api/client";

import { draftOf, EMPTY, isEqual, merged, missingOf, type CallRecord, type Draft } from "./draft";
import { find, forget, keep } from "./kept";
import { sendLeft } from "./left";

export type RecordState = "loading" | "absent" | "none" | "dirty" | "saving" | "saved" | "failed" | "refused";

const AFTER_MS = 1200; // after the last key press …
const LATEST_MS = 4000; // … but no later than this after the first
const AGAIN_MS = 3000;
const LEFT_MS = 15_000; // between two looks for what earlier calls left unsaved
const ABSENT_MS = 700; // until it is answered there is none
const READ_ONLY_TRIES = 5; // who has just come into the talk may write a moment later

/** The record of the call in hand: read, saved as it is written, filed. */
export const useRecord = defineStore("record", () => {
  const callId = ref("");
  const record = ref<CallRecord | null>(null);
  const draft = ref<Draft>(draftOf(EMPTY));
  const state = ref<RecordState>("none");
  const why = ref("");
  const wasMerged = ref(false);
  /** A filed record that is being corrected. */
  const isCorrecting = ref(false);

  const isFiled = computed(() => Boolean(record.value?.filed_at));
  const canWrite = computed(() => Boolean(record.value?.can_write) && (!isFiled.value || isCorrecting.value));
  const missing = computed(() => missingOf(draft.value));
  const codes = computed(() => [draft.value.main, ...draft.value.secondary].filter((code): code is string => Boolean(code)));
  const isDirty = computed(() => record.value !== null && !isEqual(draft.value, draftOf(record.value)));

  let later: ReturnType<typeof setTimeout> | undefined;
  let firstAt = 0;
  let readOnly = 0;
  let work: Promise<void> = Promise.resolve();

  async function open(id: string): Promise<void> {
    if (id === callId.value) return;
    await flush();
    clearTimeout(later);
    callId.value = id;
    record.value = null;
    draft.value = draftOf(EMPTY);
    wasMerged.value = isCorrecting.value = false;
    state.value = "loading";
    readOnly = 0;
    await read(id);
  }

  async function read(id: string): Promise<void> {
    try {
      take(await got(api.GET("/api/v1/calls/{call_id}/record", { params: { path: { call_id: id } } })), id);
    } catch (fault) {
      if (id !== callId.value || !(fault instanceof ApiFault)) return;
      const isAbsent = fault.error === "no_record";
      state.value = isAbsent ? "absent" : fault.status === 404 ? "none" : "loading";
      if (state.value !== "none") later = setTimeout(() => void read(id), isAbsent ? ABSENT_MS : AGAIN_MS);
    }
  }

  /** The server's record, read for the first time. */
  function take(read: CallRecord, id: string): void {
    if (id !== callId.value) return;
    record.value = read;
    const kept = read.filed_at ? null : find(id);
    draft.value = kept ? merged(kept.base, kept.draft, draftOf(read)) : draftOf(read);
    state.value = "saved";
    if (!read.can_write && !read.filed_at && readOnly++ < READ_ONLY_TRIES) later = setTimeout(() => void again(id), AGAIN_MS);
    if (isDirty.value) plan();
    else forget(id);
  }

  function again(id: string): Promise<void> {
    return id === callId.value ? read(id) : Promise.resolve();
  }

  watch(draft, changed, { deep: true });

  function changed(): void {
    if (!record.value || !canWrite.value || !isDirty.value) return;
    keep(callId.value, { base: draftOf(record.value), draft: draftOf(draft.value) });
    if (!isCorrecting.value) plan();
  }

  function plan(): void {
    state.value = state.value === "saving" ? "saving" : "dirty";
    const now = Date.now();
    firstAt ||= now;
    clearTimeout(later);
    later = setTimeout(() => void flush(), Math.max(0, Math.min(AFTER_MS, firstAt + LATEST_MS - now)));
  }

  /** Save what is not saved; one saving at a time. */
  function flush(): Promise<void> {
    clearTimeout(later);
    firstAt = 0;
    work = work.then(save);
    return work;
  }

  async function save(): Promise<void> {
    const base = record.value;
    if (!base || !base.can_write || isFiled.value || !isDirty.value) return;
    const id = callId.value;
    const body = { ...draftOf(draft.value), revision: base.revision };
    state.value = "saving";
    try {
      const answer = await got(api.PUT("/api/v1/calls/{call_id}/record", { params: { path: { call_id: id } }, body }));
      stored(answer, id);
    } catch (fault) {
      if (fault instanceof ApiFault) await notSaved(fault, id, base);
    }
  }

  function stored(answer: CallRecord, id: string): void {
    if (id !== callId.value) return;
    record.value = answer;
    why.value = "";
    if (isDirty.value) {
      changed();
      return;
    }
    state.value = "saved";
    forget(id);
  }

  async function notSaved(fault: ApiFault, id: string, base: CallRecord): Promise<void> {
    if (id !== callId.value) return;
    if (fault.error === "record_changed" || fault.error === "record_filed") {
      await join(id, base);
      return;
    }
    why.value = fault.message;
    state.value = fault.status === 422 || fault.status === 403 ? "refused" : "failed";
    if (state.value === "failed") later = setTimeout(() => void flush(), AGAIN_MS);
  }

  /**
   * The record was changed elsewhere: put both together and save that. An earlier revision than ours
   * is of a server that took over and never heard of our last saving: then all of ours counts.
   * Whether what is now in hand needs no second look: nobody else had written anything.
   */
  async function join(id: string, base: CallRecord): Promise<boolean> {
    const path = { call_id: id };
    const theirs = await got(api.GET("/api/v1/calls/{call_id}/record", { params: { path } })).catch(() => null);
    if (id !== callId.value) return false;
    const since = draftOf(theirs && theirs.revision < base.revision ? theirs : base);
    const isMine = theirs !== null && isEqual(since, draftOf(theirs));
    if (theirs) {
      draft.value = merged(since, draft.value, draftOf(theirs));
      record.value = theirs;
      wasMerged.value ||= !isMine;
    }
    state.value = theirs?.filed_at ? "saved" : "failed";
    if (state.value === "failed") later = setTimeout(() => void flush(), theirs ? 0 : AGAIN_MS);
    return isMine;
  }

  /** File it, or its correction; throws ApiFault. */
  async function file(reason = ""): Promise<void> {
    await flush();
    const base = record.value;
    if (!base) return;
    try {
      await fileAs(base, reason);
    } catch (fault) {
      const isChanged = fault instanceof ApiFault && fault.error === "record_changed";
      // A seat that came into the talk is no reason to ask the lawyer anything.
      if (!isChanged || !(await join(base.call_id, base)) || !record.value) throw fault;
      clearTimeout(later);
      await fileAs(record.value, reason);
    }
  }

  async function fileAs(base: CallRecord, reason: string): Promise<void> {
    const id = base.call_id;
    const body = { ...draftOf(draft.value), revision: base.revision, reason };
    const asked = api.POST("/api/v1/calls/{call_id}/record/file", { params: { path: { call_id: id } }, body });
    const answer = await got(asked);
    if (id !== callId.value) return;
    record.value = answer;
    draft.value = draftOf(answer);
    isCorrecting.value = wasMerged.value = false;
    state.value = "saved";
    forget(id);
  }

  function cancelCorrection(): void {
    if (record.value) draft.value = draftOf(record.value);
    isCorrecting.value = false;
    forget(callId.value);
  }

  /** Put a text at the end of the reply, on a line of its own. */
  function addToReply(text: string): boolean {
    if (!canWrite.value) return false;
    const before = draft.value.reply.trimEnd();
    draft.value.reply = before ? `${before}\n${text}` : text;
    return true;
  }

  setInterval(() => void sendLeft(callId.value), LEFT_MS);

  window.addEventListener("pagehide", () => {
    if (!isDirty.value || !record.value || isFiled.value) return;
    const body = JSON.stringify({ ...draftOf(draft.value), revision: record.value.revision });
    const headers = { "Content-Type": "application/json" };
    void fetch(`/api/v1/calls/${encodeURIComponent(callId.value)}/record`, { method: "PUT", keepalive: true, headers, body });
  });

  return {
    callId, record, draft, state, why, wasMerged, isCorrecting, isFiled, canWrite, missing, codes, isDirty,
    open, flush, file, cancelCorrection, addToReply,
  };
});
