"use strict";
// Draws the snapshots of /api/v1/live/events. Nothing from outside is ever parsed as HTML.

const MISSED = ["no_answer", "declined", "unreachable"];
const LOST_AFTER_MS = 16000; // three beats of the server missed
const LONG_WAIT_S = 60; // from here on a waiting caller is offered a callback
const byId = (id) => document.getElementById(id);
let latest = null;
let offsetMs = 0; // server's clock minus ours
let heardAt = Date.now();

function node(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function clockText(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

const serverNow = () => Date.now() + offsetMs;
const secondsSince = (iso) => (serverNow() - Date.parse(iso)) / 1000;
const sinceSnapshot = () => (latest ? secondsSince(latest.at) : 0);

// Keeps one child per item, in order; a child that stays keeps its focus.
function keyed(container, items, keyOf, make, update) {
  const old = new Map([...container.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, index) => {
    const key = keyOf(item);
    let child = old.get(key);
    old.delete(key);
    if (!child) {
      child = make(item);
      child.dataset.key = key;
    }
    update(child, item);
    if (container.children[index] !== child) {
      container.insertBefore(child, container.children[index] || null);
    }
  });
  for (const child of old.values()) child.remove();
}

function drawRate(card, row, words) {
  const part = (name) => card.querySelector(`[data-part=${name}]`);
  const isKnown = row && row.value !== null;
  const percent = isKnown ? Math.floor(row.value * 1000 + 1e-9) / 10 : 0;
  setText(part("value"), isKnown ? `${percent.toFixed(1)}%` : "—");
  card.dataset.met = !row ? "unknown" : isKnown && row.target !== null ? String(row.met) : "none";
  setText(part("verdict"), !isKnown ? (row ? words.none : "数据暂不可用") : row.met ? "✓ 达标" : "▼ 未达标");
  part("fill").style.width = `${percent}%`;
  const target = row && row.target !== null ? row.target * 100 : null;
  part("mark").style.left = `${target ?? 100}%`;
  setText(part("of"), row ? `${words.top} ${row.numerator} / ${words.bottom} ${row.denominator}` : "");
  setText(part("target"), target === null ? "" : `目标 ≥ ${Math.round(target)}%`);
}

function drawToday(today) {
  const rates = new Map((today ? today.rates : []).map((row) => [row.metric, row]));
  drawRate(byId("rate-answer"), rates.get("answer_rate_agent"),
    { top: "接听", bottom: "请求人工", none: "今日尚无人工请求" });
  drawRate(byId("rate-satisfied"), rates.get("satisfaction"),
    { top: "满意", bottom: "已评价", none: "今日尚无评价" });
  const count = (name) => (today ? String(today[name]) : "—");
  const rows = [
    ["来电", count("arrived")], ["请求人工", count("asked")], ["已接听", count("answered")],
    ["回拨/留言", count("overflow")], ["放弃", count("abandoned")], ["已评价", count("rated")],
  ];
  keyed(byId("counts"), rows, (row) => row[0],
    (row) => { const box = node("div"); box.append(node("dt", "", row[0]), node("dd", "num")); return box; },
    (box, row) => setText(box.lastChild, row[1]));
}

function makeRow() {
  const row = node("tr");
  for (const name of ["caller num", "city", "group", "stage", "seat num", "right num", "right num"]) {
    row.append(node("td", name));
  }
  row.children[3].append(node("span", "chip"));
  return row;
}

function drawCall(row, call) {
  const [caller, city, group, stage, seat, since, waited] = row.children;
  setText(caller, call.caller);
  setText(city, call.city || "未定");
  setText(group, label("group", call.group) || "—");
  const chip = stage.firstChild;
  chip.className = `chip ${call.stage}`;
  setText(chip, label("stage", call.stage));
  setText(seat, call.seat || "—");
  seat.classList.toggle("nobody", !call.seat);
  since.dataset.since = call.since;
  const isWaiting = call.stage === "queue" || call.stage === "ringing";
  waited.dataset.waited = String(call.waited_s);
  waited.dataset.runs = String(isWaiting);
}

function makeSeat(seat) {
  const tile = node("li", "tile");
  const button = node("button", "switch");
  button.type = "button";
  button.addEventListener("click", () => changeSeat(seat.number, button));
  const foot = node("div", "foot");
  foot.append(node("p", "why"), button);
  tile.append(node("p", "who"), node("p", "state"), foot);
  tile.children[0].append(node("strong", "num", seat.number), node("span", "name"));
  tile.children[1].append(node("span", "word"), node("span", "time num"));
  return tile;
}

function drawSeat(tile, seat) {
  const [who, state, foot] = tile.children;
  const [why, button] = foot.children;
  tile.className = `tile ${seat.state}`;
  setText(who.lastChild, seat.name);
  setText(state.firstChild, label("seat", seat.state));
  state.lastChild.dataset.since = seat.since;
  setText(why, label("reason", seat.reason));
  const want = { ready: "not_ready", not_ready: "ready" }[seat.state];
  button.hidden = !want;
  button.dataset.want = want || "";
  setText(button, want === "ready" ? "置闲" : "置忙");
  button.setAttribute("aria-label", `${seat.number} ${button.textContent}`);
}

function drawSeats(seats) {
  const groups = new Map();
  for (const seat of seats) {
    const name = seat.level === "provincial" ? "省级坐席" : seat.city || "未分地区";
    groups.set(name, [...(groups.get(name) || []), seat]);
  }
  keyed(byId("seats"), [...groups], ([name]) => name,
    ([name]) => { const box = node("div", "district"); box.append(node("h3", "", name), node("ul")); return box; },
    (box, [, members]) => keyed(box.lastChild, members, (seat) => seat.number, makeSeat, drawSeat));
  const inState = (...states) => seats.filter((seat) => states.includes(seat.state)).length;
  setText(byId("seats-count"),
    `空闲 ${inState("ready")} · 通话 ${inState("talking", "held")} · 在线 ${seats.length - inState("offline")}/${seats.length}`);
  byId("no-seats").hidden = seats.length > 0;
  drawMissed(seats.filter((seat) => MISSED.includes(seat.reason)));
}

// Seats that the hotline itself has taken out: somebody must look after them.
function drawMissed(seats) {
  byId("missed").hidden = seats.length === 0;
  const each = seats.map((seat) => `${seat.number} ${seat.name}（${label("reason", seat.reason)}）`);
  setText(byId("missed"), `请留意，已自动停派：${each.join("、")}`);
}

function drawTrouble(health) {
  // The calendar is named only while a year is missing in it.
  const bad = Object.entries(health).filter(([name, one]) => !one.ok || name === "calendar");
  byId("trouble").hidden = bad.length === 0;
  setText(byId("trouble"),
    bad.length ? `${bad.some(([, one]) => !one.ok) ? "部件异常" : "请注意"}：${bad.map(([name, one]) => `${label("dependency", name)}（${one.detail}）`).join("、")}` : "");
}

function drawAlarms(alarms, calls) {
  const stages = new Map(calls.map((call) => [call.call_id, call.stage]));
  byId("alarms").hidden = alarms.length === 0;
  keyed(byId("alarms").firstElementChild, alarms, (alarm) => `${alarm.call_id} ${alarm.at}`,
    () => { const row = node("li"); row.append(node("strong"), node("span", "num"), node("span")); return row; },
    (row, alarm) => {
      const [name, at, of] = row.children;
      const stage = stages.get(alarm.call_id);
      row.classList.toggle("past", !stage);
      setText(name, `警报：${label("alarm", alarm.name)}`);
      setText(at, new Date(alarm.at).toLocaleTimeString("zh-CN", { timeZone: "Asia/Shanghai", hour12: false }));
      setText(of, `来电 ${alarm.caller}（${alarm.city || "地区未定"}），${stage ? label("stage", stage) : "通话已结束"}`);
    });
}

function drawCallback(row, one) {
  const [caller, city, group, state, tries, next, since] = row.children;
  setText(caller, one.caller);
  setText(city, one.city || "未定");
  setText(group, label("group", one.group) || "—");
  state.firstChild.className = `chip ${one.state === "calling" ? "ringing" : "queue"}`;
  setText(state.firstChild, label("callback", one.state));
  setText(tries, String(one.tries));
  const isLater = one.next_at && Date.parse(one.next_at) > serverNow();
  setText(next, isLater ? new Date(one.next_at).toLocaleTimeString("zh-CN",
    { timeZone: "Asia/Shanghai", hour12: false, hour: "2-digit", minute: "2-digit" }) : "有空闲坐席时");
  since.dataset.since = one.asked_at;
}

function draw(snapshot) {
  latest = snapshot;
  offsetMs = Date.parse(snapshot.at) - Date.now();
  setText(byId("dial-number"), snapshot.dial.number);
  setText(byId("dial-sip"), `${snapshot.dial.number}@${snapshot.dial.sip}`);
  drawTrouble(snapshot.health);
  drawAlarms(snapshot.alarms, snapshot.calls);
  drawToday(snapshot.today);
  setText(byId("waiting"), String(snapshot.waiting));
  keyed(byId("calls"), snapshot.calls, (call) => call.call_id, makeRow, drawCall);
  byId("no-calls").hidden = snapshot.calls.length > 0;
  setText(byId("calls-count"), snapshot.calls.length ? String(snapshot.calls.length) : "");
  keyed(byId("callbacks"), snapshot.callbacks, (one) => one.call_id, makeRow, drawCallback);
  byId("callbacks-card").hidden = snapshot.callbacks.length === 0;
  setText(byId("callbacks-count"), String(snapshot.callbacks.length));
  drawSeats(snapshot.seats);
  tick();
}

function tick() {
  const now = new Date(serverNow());
  const zone = { timeZone: "Asia/Shanghai" };
  setText(byId("day"), now.toLocaleDateString("zh-CN", { ...zone, dateStyle: "full" }));
  setText(byId("clock"), now.toLocaleTimeString("zh-CN", { ...zone, hour12: false }));
  for (const cell of document.querySelectorAll("[data-since]")) {
    setText(cell, clockText(secondsSince(cell.dataset.since)));
  }
  const passed = sinceSnapshot();
  for (const cell of document.querySelectorAll("[data-waited]")) {
    const waited = Number(cell.dataset.waited) + (cell.dataset.runs === "true" ? passed : 0);
    setText(cell, waited >= 1 ? clockText(waited) : "—");
    cell.classList.toggle("long", cell.dataset.runs === "true" && waited >= LONG_WAIT_S);
  }
  const longest = latest && latest.waiting ? latest.longest_wait_s + passed : 0;
  setText(byId("longest"), clockText(longest));
  byId("longest").parentElement.classList.toggle("long", longest >= LONG_WAIT_S);
  if (latest && Date.now() - heardAt > LOST_AFTER_MS) showLine(false);
}

function showLine(isUp) {
  document.body.classList.toggle("lost", !isUp);
  setText(byId("line"), isUp ? "● 实时更新" : "○ 连接中断，正在重连");
}

let saidTimer = 0;
function say(text) {
  setText(byId("said"), text);
  clearTimeout(saidTimer);
  saidTimer = setTimeout(() => setText(byId("said"), ""), 5000);
}

async function changeSeat(number, button) {
  const state = button.dataset.want;
  button.disabled = true;
  try {
    const answer = await fetch(`/api/v1/seats/${encodeURIComponent(number)}/state`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ state, reason: "supervisor" }),
    });
    say(answer.ok ? `坐席 ${number} 已${state === "ready" ? "设为空闲" : "设为示忙"}。` : (await answer.json()).message);
  } catch {
    say("无法连接服务器，更改未生效。");
  } finally {
    button.disabled = false;
  }
}

function listen() {
  const source = new EventSource("/api/v1/live/events");
  const heard = () => { heardAt = Date.now(); showLine(true); };
  source.addEventListener("live", (event) => { heard(); draw(JSON.parse(event.data)); });
  source.addEventListener("beat", heard);
  source.addEventListener("error", async () => {
    showLine(false);
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    const answer = await fetch("/api/v1/live").catch(() => null);
    if (answer && answer.status === 401) location.reload();
    else setTimeout(listen, 3000);
  });
}

listen();
setInterval(tick, 1000);
