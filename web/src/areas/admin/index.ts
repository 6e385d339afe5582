import { Calendar, CircleClose, Microphone, Postcard } from "@element-plus/icons-vue";

import type { Area } from "@/area";

import { en, zh } from "./words";

const see = { right: "province.see" };

export const area: Area = {
  routes: [
    { path: "/admin/seats", name: "admin-seats", component: () => import("./seats/SeatsPage.vue"), meta: see },
    { path: "/admin/calendar", name: "admin-calendar", component: () => import("./calendar/CalendarPage.vue"), meta: see },
    { path: "/admin/prompts", name: "admin-prompts", component: () => import("./prompts/PromptsPage.vue"), meta: see },
    {
      path: "/admin/blacklist",
      name: "admin-blacklist",
      component: () => import("./blacklist/BlacklistPage.vue"),
      meta: { right: "blacklist.see" },
    },
  ],
  nav: [
    { to: "admin-seats", title: "admin.seats.title", icon: Postcard, right: "province.see", order: 50 },
    { to: "admin-calendar", title: "admin.calendar.title", icon: Calendar, right: "province.see", order: 51 },
    { to: "admin-prompts", title: "admin.prompts.title", icon: Microphone, right: "province.see", order: 52 },
    { to: "admin-blacklist", title: "admin.blacklist.title", icon: CircleClose, right: "blacklist.see", order: 53 },
  ],
  words: { zh: { admin: zh }, en: { admin: en } },
};
