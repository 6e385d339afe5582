import type { Area } from "@/area";

import { en, zh } from "./words";

export const area: Area = {
  routes: [
    { path: "/login", name: "login", component: () => import("./LoginPage.vue"), meta: { open: true, bare: true } },
    { path: "/account/start", name: "account-start", component: () => import("./StartPage.vue"), meta: { bare: true } },
    { path: "/account", name: "account", component: () => import("./AccountPage.vue"), meta: { title: "account.title" } },
  ],
  nav: [],
  words: { zh: { account: zh }, en: { account: en } },
};
