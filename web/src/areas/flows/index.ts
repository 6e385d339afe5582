import { Share } from "@element-plus/icons-vue";

import type { Area } from "@/area";

import { en, zh } from "./words";

const meta = { right: "flows.see" };

export const area: Area = {
  routes: [
    { path: "/flows", name: "flows", component: () => import("./FlowsPage.vue"), meta },
    { path: "/flows/routing", name: "routing", component: () => import("./PolicyPage.vue"), meta },
    { path: "/flows/:flow", name: "flow", component: () => import("./FlowPage.vue"), props: true, meta },
  ],
  nav: [{ to: "flows", title: "flows.title", icon: Share, right: "flows.see", order: 40 }],
  words: { zh, en },
};
