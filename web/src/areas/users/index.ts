import { Document, User } from "@element-plus/icons-vue";

import type { Area } from "@/area";

import { en, zh } from "./words";

export const area: Area = {
  routes: [
    { path: "/users", name: "users", component: () => import("./UsersPage.vue"), meta: { right: "users.see" } },
    { path: "/audit", name: "audit", component: () => import("./AuditPage.vue"), meta: { right: "audit.see" } },
  ],
  nav: [
    { to: "users", title: "users.title", icon: User, right: "users.see", order: 58 },
    { to: "audit", title: "users.auditTitle", icon: Document, right: "audit.see", order: 59 },
  ],
  words: { zh: { users: zh }, en: { users: en } },
};
