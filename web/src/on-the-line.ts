import { ref } from "vue";

/** Whether a telephone of this page is in a talk: who logs out in it would still be heard. */
export const isOnTheLine = ref(false);
