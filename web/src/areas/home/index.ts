import type { Area } from "@/area";

import HomePage from "./HomePage.vue";
import LostPage from "./LostPage.vue";

export const area: Area = {
  routes: [
    { path: "/", name: "home", component: HomePage },
    { path: "/:lost(.*)*", name: "lost", component: LostPage, meta: { title: "home.lost" } },
  ],
  nav: [],
  words: {
    zh: {
      home: {
        hotline: "12348 公共法律服务热线",
        menu: "主菜单",
        skip: "跳到正文",
        lost: "没有这个页面",
        lostHint: "地址可能写错了，或页面已经搬走。",
        start: "回到首页",
        nothing: "您的账号没有可用的页面，请联系管理员。",
      },
    },
    en: {
      home: {
        hotline: "12348 legal service hotline",
        menu: "Main menu",
        skip: "Skip to the page",
        lost: "Page not found",
        lostHint: "The address may be wrong, or the page has moved.",
        start: "Go to the home page",
        nothing: "Your account has no pages to show: ask an administrator.",
      },
    },
  },
};
