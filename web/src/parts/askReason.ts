import { ElMessageBox } from "element-plus";

import { i18n } from "@/i18n";

const LONGEST = 400; // as callcenter/web/supervise.py

/** What the dialog says; `warning`: what comes of it, where that is not plain. */
export interface Asked {
  title: string;
  warning?: string;
  confirm?: string;
}

/** Ask why something is done; null when the person thinks better of it. */
export async function askReason({ title, warning, confirm }: Asked): Promise<string | null> {
  const { t } = i18n.global;
  try {
    const said = await ElMessageBox.prompt(warning ?? t("supervise.reason.kept"), title, {
      inputType: "textarea",
      inputPlaceholder: t("supervise.reason.placeholder"),
      inputValidator: (text: string) => {
        const length = text?.trim().length ?? 0;
        return (length > 0 && length <= LONGEST) || t("supervise.reason.needed");
      },
      confirmButtonText: confirm ?? t("supervise.reason.go"),
      cancelButtonText: t("supervise.reason.cancel"),
      closeOnClickModal: false,
    });
    return said.value.trim();
  } catch {
    return null;
  }
}
