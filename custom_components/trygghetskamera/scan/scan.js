// Reads a pairing code from a photo or, where the browser lets a page use the camera, live. Pictures stay in here: what
// is sent is the code, to the flow whose ticket is in this page's address.
import { decodeQR } from "./qr/decode.js";

const LARGEST = 2000;
/** The side at which the camera's pictures are read: sharp enough for a code held close, quick enough for an old phone. */
const LIVE_SIDE = 1250;
/** Sides in pixels at which a photo is read: what is blurred at one may be sharp enough at another. */
const SIDES = [LARGEST, LIVE_SIDE, 800];
const EVERY_MS = 150;
const STARTS = "TK1.";

/** @param {string} id @returns {any} */
const part = (id) => document.getElementById(id);
const status = part("status");
const video = part("video");
const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
/** @type {MediaStream | null} */
let stream = null;
let isBusy = false;

/** @param {string} word "": nothing @param {"" | "bad" | "good"} [tone] */
function say(word, tone = "") {
  const text = status.dataset[word] ?? "";
  status.dataset.tone = tone;
  // Said anew, it would be read aloud anew.
  if (status.textContent !== text) status.textContent = text;
}

/**
 * What a picture says, "" where nothing can be read in it.
 * @param {CanvasImageSource} picture @param {number} width @param {number} height @param {number} side
 */
function read(picture, width, height, side) {
  const scale = Math.min(1, side / Math.max(width, height));
  const [wide, high] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  Object.assign(context.canvas, { width: wide, height: high });
  context.drawImage(picture, 0, 0, wide, high);
  try {
    return decodeQR(context.getImageData(0, 0, wide, high));
  } catch {
    return "";
  } finally {
    Object.assign(context.canvas, { width: 0, height: 0 });
  }
}

/** Give it to the flow; whether that was all. @param {string} code */
async function send(code) {
  say("sending");
  let answer;
  try {
    answer = await fetch(location.pathname, { method: "POST", body: code, credentials: "omit" });
  } catch {
    say("notSent", "bad");
    return false;
  }
  if (answer.status === 422) say("otherCode", "bad");
  else if (answer.status === 404) end("gone", "bad");
  else if (!answer.ok) say("notSent", "bad");
  else end(code ? "done" : "typing", "good");
  return answer.ok || answer.status === 404;
}

/** Nothing more to do here. @param {string} word @param {"bad" | "good"} tone */
function end(word, tone) {
  turnOff();
  part("ways").hidden = true;
  say(word, tone);
  part("title").focus();
}

/** @param {Blob} file */
async function readPhoto(file) {
  say("reading");
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    say("noPicture", "bad");
    return;
  }
  // Let the words be drawn before the work begins.
  await new Promise((done) => setTimeout(done));
  let code = "";
  for (const side of SIDES) code ||= read(picture, picture.width, picture.height, side);
  picture.close();
  if (!code) say("noCode", "bad");
  else if (!code.trim().startsWith(STARTS)) say("otherCode", "bad");
  else await send(code.trim());
}

async function turnOn() {
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  } catch {
    say("noCamera", "bad");
    return;
  }
  video.srcObject = stream;
  video.hidden = part("stop").hidden = false;
  part("live").hidden = true;
  part("stop").focus();
  say("looking");
  await video.play();
  readOn();
}

/** One picture of the camera after the other, until one has a pairing code. */
async function readOn() {
  if (stream === null) return;
  const code = video.videoWidth ? read(video, video.videoWidth, video.videoHeight, LIVE_SIDE).trim() : "";
  if (code && !code.startsWith(STARTS)) say("otherCode", "bad");
  if (code.startsWith(STARTS) && (await send(code))) return;
  setTimeout(readOn, EVERY_MS);
}

function turnOff() {
  if (stream === null) return;
  for (const track of stream.getTracks()) track.stop();
  stream = video.srcObject = null;
  video.hidden = part("stop").hidden = true;
  part("live").hidden = false;
}

/** One thing at a time. @param {() => Promise<unknown>} work */
async function oneAtATime(work) {
  if (isBusy) return;
  isBusy = true;
  try {
    await work();
  } finally {
    isBusy = false;
  }
}

part("photo").addEventListener("change", (event) => {
  const [file] = event.target.files;
  // The same photo may be chosen again.
  if (file) oneAtATime(() => readPhoto(file)).finally(() => (event.target.value = ""));
});
// Browsers have this on https and on the machine itself only.
part("camera").hidden = !navigator.mediaDevices;
part("live").addEventListener("click", () => oneAtATime(turnOn));
part("stop").addEventListener("click", () => {
  turnOff();
  say("");
  part("live").focus();
});
part("type").addEventListener("click", () => oneAtATime(() => send("")));
addEventListener("pagehide", turnOff);
