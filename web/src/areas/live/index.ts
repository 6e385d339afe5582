import { DataBoard, Message } from "@element-plus/icons-vue";
import { defineAsyncComponent } from "vue";

import type { Area } from "@/area";

import { en, zh } from "./words";

export const area: Area = {
  routes: [
    { path: "/live", name: "live", component: () => import("./BoardPage.vue"), meta: { right: "live.see" } },
    { path: "/wall", name: "wall", component: () => import("./WallPage.vue"), meta: { right: "live.see", bare: true } },
    { path: "/requests", name: "requests", component: () => import("./RequestsPage.vue"), meta: { right: "live.see" } },
  ],
  nav: [
    { to: "live", title: "live.title", icon: DataBoard, right: "live.see", order: 20 },
    { to: "requests", title: "live.requests.nav", icon: Message, right: "live.see", order: 21 },
  ],
  bar: { component: defineAsyncComponent(() => import("./AlarmStrip.vue")), right: "live.see" },
  words: { zh: { live: zh }, en: { live: en } },
};
