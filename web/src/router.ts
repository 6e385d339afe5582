import { createRouter, createWebHistory } from "vue-router";

import { areas } from "./area";
import { useSession } from "./session";

declare module "vue-router" {
  interface RouteMeta {
    right?: string;
    open?: boolean;
    bare?: boolean;
    /** Of the tab, where the page has no entry in the menu. */
    title?: string;
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: areas.flatMap((area) => area.routes),
});

router.beforeEach(async (to) => {
  if (to.meta.open) return true;
  const session = useSession();
  if (!session.isIn) await session.look();
  if (!session.isIn) return { name: "login", query: { to: to.fullPath } };
  if (session.isUnfinished) return to.name === "account-start" || { name: "account-start" };
  return session.may(to.meta.right) || { name: "home" };
});
