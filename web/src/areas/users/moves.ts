import { ElMessage, ElMessageBox } from "element-plus";

import { api, ApiFault, got, type Model } from "@/api/client";
import { i18n } from "@/i18n";

export const MOVES = ["unlock", "reset_password", "remove_second_factor", "log_out", "disable", "enable"] as const;
export type Move = (typeof MOVES)[number];
type User = Model<"UserAnswer">;

/** What makes sense for this account now; nobody disables himself, his own secrets his own page changes. */
export function movesOf(user: User, me: string | undefined): Move[] {
  const fits: Record<Move, boolean> = {
    unlock: user.is_locked,
    reset_password: user.name !== me,
    remove_second_factor: user.totp && user.name !== me,
    log_out: user.logged_in > 0,
    disable: !user.is_disabled && user.name !== me,
    enable: user.is_disabled,
  };
  return MOVES.filter((move) => fits[move]);
}

/** Ask for the reason and do it; null when the person thought better of it or it was refused. */
export async function askMove(user: User, move: Move): Promise<Model<"GivenPassword"> | null> {
  const { t } = i18n.global;
  const title = `${t(`users.moves.${move}`)} · ${user.display_name}（${user.name}）`;
  const asked = await ElMessageBox.prompt(t("users.reasonHint"), title, {
    inputPlaceholder: t("users.reason"),
    inputValidator: (text) => Boolean(text?.trim()) || t("users.needed"),
    confirmButtonText: t(`users.moves.${move}`),
    cancelButtonText: t("users.cancel"),
  }).catch(() => null);
  if (!asked) return null;
  const params = { path: { name: user.name, move } };
  try {
    const made = await got(api.POST("/api/v1/users/{name}/{move}", { params, body: { reason: asked.value.trim() } }));
    if (!made.password) ElMessage.success(t("users.done"));
    return made;
  } catch (refused) {
    if (!(refused instanceof ApiFault)) throw refused;
    ElMessage.error(refused.message);
    return null;
  }
}
