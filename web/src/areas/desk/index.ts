import { Headset } from "@element-plus/icons-vue";

import type { Area } from "@/area";

import { words } from "./words";

export const area: Area = {
  routes: [{ path: "/desk", name: "desk", component: () => import("./DeskPage.vue"), meta: { right: "desk.use" } }],
  nav: [{ to: "desk", title: "desk.title", icon: Headset, right: "desk.use", order: 10 }],
  words,
};
