// The live connection: rows and visits as they change, and the signed frames of this browser's looks, both ways.

import { socketAddress } from "./service.js";

/**
 * @typedef {{type: string} & Record<string, any>} Frame
 * @typedef {{onFrame: (frame: Frame) => void, onState: (state: "connecting" | "connected" | "lost" | "ended") => void}} Listener
 */

const ALIVE_MS = 5_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
const SESSION_ENDED = 4401;

export class Live {
  /** @param {Listener} listener */
  constructor(listener) {
    this.listener = listener;
    this.retry = FIRST_RETRY_MS;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.alive = setInterval(() => this.send({ type: "alive" }), ALIVE_MS);
    this.closed = false;
    this.connect();
  }

  get connected() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    if (this.closed) return;
    this.listener.onState("connecting");
    const socket = new WebSocket(socketAddress("/api/live"));
    this.socket = socket;
    socket.onopen = () => {
      this.retry = FIRST_RETRY_MS;
      this.listener.onState("connected");
    };
    socket.onmessage = ({ data }) => this.receive(data);
    socket.onclose = ({ code }) => {
      if (this.closed || this.socket !== socket) return;
      this.listener.onState(code === SESSION_ENDED ? "ended" : "lost");
      if (code !== SESSION_ENDED) this.again();
    };
  }

  /** Back-off with jitter, so that a restarted service is not met by everybody at once. */
  again() {
    this.timer = setTimeout(() => this.connect(), this.retry * (0.5 + Math.random() / 2));
    this.retry = Math.min(this.retry * 2, LAST_RETRY_MS);
  }

  /** @param {unknown} data */
  receive(data) {
    let frame;
    try {
      frame = JSON.parse(typeof data === "string" ? data : "");
    } catch {
      return;
    }
    if (frame !== null && typeof frame === "object" && typeof frame.type === "string") this.listener.onFrame(frame);
  }

  /**
   * @param {object} frame
   * @returns {boolean} whether it could be sent
   */
  send(frame) {
    if (!this.connected) return false;
    this.socket?.send(JSON.stringify(frame));
    return true;
  }

  close() {
    this.closed = true;
    clearInterval(this.alive);
    clearTimeout(this.timer);
    this.socket?.close();
  }
}
