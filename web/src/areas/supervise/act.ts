import { ElMessage } from "element-plus";

import { ApiFault } from "@/api/client";
import { i18n } from "@/i18n";
import { askReason } from "@/parts/askReason";

import { NoPhone, useSupervisorPhone, type Mode } from "./phone";

export const MODES: readonly Mode[] = ["listen", "whisper", "barge", "take_over"];

/** Do what was asked for; a refusal is said in the server's words. True when it was done. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (fault) {
    if (fault instanceof NoPhone) ElMessage.error(i18n.global.t(`supervise.${fault.why}`));
    else if (fault instanceof ApiFault) ElMessage.error({ message: fault.message, grouping: true });
    else throw fault;
    return false;
  }
}

/** Be beside a talk in this way: asks why, unless it was said for this very talk. */
export async function join(callId: string, seat: string, mode: Mode): Promise<void> {
  const { t } = i18n.global;
  const phone = useSupervisorPhone();
  const isKnown = phone.beside?.call_id === callId && phone.reason.callId === callId && mode !== "take_over";
  const text = isKnown
    ? phone.reason.text
    : await askReason({
        title: t(`supervise.ask.${mode}`, { seat }),
        warning: mode === "take_over" ? t("supervise.takeOverWarning") : undefined,
        confirm: t(`supervise.mode.${mode}`),
      });
  if (text) await attempt(() => phone.join(callId, mode, text));
}
