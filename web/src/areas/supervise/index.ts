import { defineAsyncComponent } from "vue";

import type { Area } from "@/area";

import { en, zh } from "./words";

export const area: Area = {
  routes: [],
  nav: [],
  bar: { component: defineAsyncComponent(() => import("./PhoneBar.vue")), right: "calls.supervise" },
  words: { zh: { supervise: zh }, en: { supervise: en } },
};
