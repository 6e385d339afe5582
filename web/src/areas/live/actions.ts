import { defineAsyncComponent } from "vue";

// What supervisors may do, by what it is done to; fetched only for those who may.
export const SeatActions = defineAsyncComponent(() => import("@/areas/supervise/SeatActions.vue"));
export const CallActions = defineAsyncComponent(() => import("@/areas/supervise/CallActions.vue"));
export const WaitingActions = defineAsyncComponent(() => import("@/areas/supervise/WaitingActions.vue"));
