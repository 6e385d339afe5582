import { Phone } from "@element-plus/icons-vue";

import type { Area } from "@/area";

import { en, zh } from "./words";

export const area: Area = {
  routes: [
    { path: "/calls", name: "calls", component: () => import("./CallsPage.vue"), meta: { right: "calls.own" } },
    { path: "/calls/:callId", name: "call", component: () => import("./CallPage.vue"), meta: { right: "calls.own" } },
  ],
  nav: [{ to: "calls", title: "calls.title", icon: Phone, right: "calls.own", order: 30 }],
  words: { zh, en },
};
