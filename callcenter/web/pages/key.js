"use strict";
// Exchanges the key for a cookie; the key itself stays nowhere in the browser.
const form = document.getElementById("form");
const said = document.getElementById("said");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  said.textContent = "";
  const field = document.getElementById("key");
  try {
    const answer = await fetch("/api/v1/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ key: field.value }),
    });
    if (answer.ok) {
      location.reload();
      return;
    }
    said.textContent = (await answer.json()).message;
  } catch {
    said.textContent = "无法连接服务器，请稍后再试。";
  }
  field.select();
});
