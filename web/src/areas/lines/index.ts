import { Bell, Connection, Monitor } from "@element-plus/icons-vue";

import type { Area } from "@/area";

import * as en from "./words.en";
import * as zh from "./words.zh";

export const area: Area = {
  routes: [
    { path: "/notices", name: "notices", component: () => import("./NoticesPage.vue"), meta: { right: "notices.see" } },
    { path: "/admin/lines", name: "admin-lines", component: () => import("./LinesPage.vue"), meta: { right: "lines.see" } },
    { path: "/system", name: "system", component: () => import("./SystemPage.vue"), meta: { right: "system.see" } },
  ],
  nav: [
    { to: "notices", title: "notices.title", icon: Bell, right: "notices.see", order: 22 },
    { to: "admin-lines", title: "lines.title", icon: Connection, right: "lines.see", order: 54 },
    { to: "system", title: "system.title", icon: Monitor, right: "system.see", order: 57 },
  ],
  words: { zh: { ...zh }, en: { ...en } },
};
