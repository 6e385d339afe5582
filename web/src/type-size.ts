import { ref } from "vue";

const KEPT_AS = "hotline.large-type";

/** Whether this machine shows large type (class `large-type` on <html>). */
export const isLarge = ref(false);

/** Large type or normal; kept on this machine. */
export function setLarge(large: boolean): void {
  isLarge.value = large;
  document.documentElement.classList.toggle("large-type", large);
  localStorage.setItem(KEPT_AS, large ? "1" : "0");
}

setLarge(localStorage.getItem(KEPT_AS) === "1");
