import type { Area } from "@/area";

import HomePage from "./HomePage.vue";

export const area: Area = {
  routes: [{ path: "/", name: "home", component: HomePage }],
  nav: [],
  words: {
    zh: {
      home: {
        hotline: "12348 公共法律服务热线",
        menu: "主菜单",
        skip: "跳到正文",
        nothing: "您的账号没有可用的页面，请联系管理员。",
      },
    },
    en: {
      home: {
        hotline: "12348 legal service hotline",
        menu: "Main menu",
        skip: "Skip to the page",
        nothing: "There is no page for your account: ask an administrator.",
      },
    },
  },
};
