import { ref } from "vue";

/** The tab's name while something in it must be seen from other tabs; "" for nothing. */
export const urgentTitle = ref("");
