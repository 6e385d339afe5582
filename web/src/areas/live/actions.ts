import { defineAsyncComponent, type Component } from "vue";

/** What supervisors may do, by what it is done to: components of the area `supervise`. */
const found = import.meta.glob<{ default: Component }>("../supervise/{Seat,Call,Waiting}Actions.vue");

function component(name: string): Component | null {
  const load = found[`../supervise/${name}Actions.vue`];
  return load ? defineAsyncComponent(load) : null;
}

/** Prop `seatNumber`. */
export const SeatActions = component("Seat");
/** Prop `callId`: of a call at a seat. */
export const CallActions = component("Call");
/** Prop `callId`: of a caller in line. */
export const WaitingActions = component("Waiting");
