// The operator's end of the media connection. docs/decisions/001-signed-connection-fields.md says why each line is there.
// Fields in, fields out: no SDP of the other end is ever read, and none is ever sent.

/**
 * One end of the media connection, as it is signed.
 * @typedef {object} ConnectionFields
 * @property {string} fingerprint SHA-256 of the DTLS certificate, upper-case hex pairs with colons
 * @property {string} ufrag
 * @property {string} password
 * @property {string[]} candidates candidate attributes without "a=", short form
 * @property {"actpass" | "active" | "passive"} setup
 */

/**
 * @typedef {object} Answer
 * @property {RTCPeerConnection} pc
 * @property {ConnectionFields} fields to be signed into tk-answer
 * @property {MediaStream} stream show it only when `verified` has come true
 * @property {{identity: boolean}} failure `identity` is true once the other end has shown another certificate, or none
 * @property {Promise<boolean>} verified true once DTLS stands with exactly the signed certificate; false if it never will
 * @property {Promise<void>} ended the hub closed the connection, or it broke; take the picture away
 */

const SSRC = 1952148001;
const RTX_SSRC = 1952148002;
const MAX_CANDIDATES = 8;
const FINGERPRINT = /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/;
const UFRAG = /^[A-Za-z0-9+/]{4,32}$/;
const PASSWORD = /^[A-Za-z0-9+/]{22,64}$/;
const CANDIDATE =
  /^candidate:[A-Za-z0-9+/]{1,32} 1 udp [0-9]{1,10} (?:[0-9a-fA-F:.]{2,45}|[0-9a-f-]{36}\.local) [0-9]{1,5} typ (?:host|srflx|relay)$/;
const LOCAL_CANDIDATE =
  /^a=(candidate:[A-Za-z0-9+/]{1,32} 1) udp ([0-9]{1,10} [0-9a-zA-Z:.-]{2,45} [0-9]{1,5} typ (?:host|srflx|relay))(?: .*)?$/i;

/**
 * Refuse anything that could put a line of its own into the SDP.
 * @param {ConnectionFields} fields
 * @param {string} setup
 */
function check(fields, setup) {
  const whole =
    FINGERPRINT.test(fields.fingerprint) &&
    UFRAG.test(fields.ufrag) &&
    PASSWORD.test(fields.password) &&
    fields.setup === setup &&
    Array.isArray(fields.candidates) &&
    fields.candidates.length <= MAX_CANDIDATES &&
    fields.candidates.every((candidate) => typeof candidate === "string" && CANDIDATE.test(candidate));
  if (!whole) throw new TypeError("malformed connection fields");
}

/**
 * The hub's offer, written here from its signed fields.
 * @param {ConnectionFields} fields
 * @returns {string}
 */
export function remoteOfferSdp(fields) {
  check(fields, "actpass");
  const lines = [
    "v=0",
    "o=- 1 1 IN IP4 0.0.0.0",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
    "c=IN IP4 0.0.0.0",
    `a=ice-ufrag:${fields.ufrag}`,
    `a=ice-pwd:${fields.password}`,
    `a=fingerprint:sha-256 ${fields.fingerprint}`,
    "a=setup:actpass",
    "a=mid:0",
    "a=sendonly",
    "a=msid:look picture",
    "a=rtcp-mux",
    "a=rtcp-rsize",
    "a=rtpmap:96 H264/90000",
    "a=rtcp-fb:96 nack",
    "a=rtcp-fb:96 nack pli",
    "a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
    `a=ssrc-group:FID ${SSRC} ${RTX_SSRC}`,
    `a=ssrc:${SSRC} cname:look`,
    `a=ssrc:${RTX_SSRC} cname:look`,
    ...fields.candidates.map((candidate) => `a=${candidate}`),
  ];
  return lines.join("\r\n") + "\r\n";
}

/**
 * This end's fields, read from the description that this browser wrote itself.
 * @param {string} sdp
 * @returns {ConnectionFields}
 */
export function fieldsFromLocalSdp(sdp) {
  const lines = sdp.split(/\r?\n/);
  /** @param {string} name */
  const only = (name) => {
    const values = new Set(lines.filter((line) => line.startsWith(`a=${name}:`)).map((line) => line.slice(name.length + 3)));
    const [value] = values;
    if (value === undefined || values.size !== 1) throw new TypeError(`expected one ${name}`);
    return value;
  };
  const [algorithm, fingerprint = ""] = only("fingerprint").split(" ");
  if (algorithm !== "sha-256") throw new TypeError("expected a sha-256 fingerprint");
  const candidates = lines
    .map((line) => LOCAL_CANDIDATE.exec(line))
    .filter((match) => match !== null)
    .map((match) => `${match[1]} udp ${match[2]}`)
    .slice(0, MAX_CANDIDATES);
  const fields = {
    fingerprint: fingerprint.toUpperCase(),
    ufrag: only("ice-ufrag"),
    password: only("ice-pwd"),
    candidates,
    setup: /** @type {"active"} */ (only("setup")),
  };
  check(fields, "active");
  return fields;
}

/**
 * Answer the hub's offer. Media can flow as soon as the hub has this end's fields and its gate is open.
 * @param {ConnectionFields} offer the hub's fields, from a tk-offer whose signature has been verified
 * @param {RTCIceServer[]} iceServers always given; [] for none
 * @param {{relayOnly?: boolean, gatherMs?: number}} [options]
 * @returns {Promise<Answer>}
 */
export async function answer(offer, iceServers, { relayOnly = true, gatherMs = 3000 } = {}) {
  const sdp = remoteOfferSdp(offer);
  const pc = new RTCPeerConnection({
    iceServers,
    iceTransportPolicy: relayOnly ? "relay" : "all",
    bundlePolicy: "max-bundle",
    rtcpMuxPolicy: "require",
  });
  try {
    await pc.setRemoteDescription({ type: "offer", sdp });
    const [transceiver] = pc.getTransceivers();
    if (transceiver === undefined) throw new Error("no transceiver");
    transceiver.direction = "recvonly";
    transceiver.receiver.jitterBufferTarget = 0; // a look is live: no buffering ahead
    const stream = new MediaStream([transceiver.receiver.track]);
    const gathered = gathering(pc, gatherMs);
    await pc.setLocalDescription(await pc.createAnswer());
    await gathered;
    const fields = fieldsFromLocalSdp(pc.localDescription?.sdp ?? "");
    if (relayOnly && fields.candidates.length === 0) throw new Error("no relay");
    const failure = { identity: false };
    return { pc, fields, stream, failure, verified: verify(pc, offer.fingerprint, failure), ended: ended(pc) };
  } catch (error) {
    pc.close();
    throw error;
  }
}

/**
 * Resolves when gathering is complete, or 200 ms after the last candidate, or after `limit` ms.
 * A dead TURN URL beside a working one then costs no 10 s.
 * @param {RTCPeerConnection} pc
 * @param {number} limit
 * @returns {Promise<void>}
 */
function gathering(pc, limit) {
  return new Promise((resolve) => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let quiet;
    const end = setTimeout(done, limit);
    function done() {
      clearTimeout(end);
      clearTimeout(quiet);
      pc.onicecandidate = null;
      resolve();
    }
    pc.onicecandidate = ({ candidate }) => {
      if (candidate === null) return done();
      clearTimeout(quiet);
      quiet = setTimeout(done, 200);
    };
  });
}

/**
 * Compare the certificate that DTLS saw with the signed one. Chromium does so too; this is our own eye on it,
 * and the padlock and the picture wait for it.
 * @param {RTCPeerConnection} pc
 * @param {string} fingerprint
 * @param {{identity: boolean}} failure
 * @returns {Promise<boolean>}
 */
function verify(pc, fingerprint, failure) {
  const transport = pc.getReceivers()[0]?.transport;
  if (!transport) return Promise.resolve(false);
  return new Promise((resolve) => {
    /** @param {boolean} same */
    const finish = (same) => {
      transport.removeEventListener("statechange", look);
      pc.removeEventListener("connectionstatechange", look);
      if (!same) pc.close();
      resolve(same);
    };
    const look = async () => {
      if (transport.state === "failed") failure.identity = true; // ICE found the way, DTLS did not find who was signed
      if (["failed", "closed"].includes(transport.state) || ["failed", "closed"].includes(pc.connectionState)) {
        return finish(false);
      }
      // The connection may call itself connected a moment before the transport shows its certificate: wait for that.
      const [certificate] = transport.getRemoteCertificates();
      if (transport.state !== "connected" || certificate === undefined) return;
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", certificate));
      const seen = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(":");
      failure.identity = seen !== fingerprint;
      finish(!failure.identity);
    };
    transport.addEventListener("statechange", look);
    pc.addEventListener("connectionstatechange", look);
    look();
  });
}

/**
 * The hub says goodbye in DTLS, which shows on the transport at once; a break shows as "failed" some 30 s later, so
 * the console's own heartbeat must not wait for it. Closing `pc` here resolves nothing: the caller knows.
 * @param {RTCPeerConnection} pc
 * @returns {Promise<void>}
 */
function ended(pc) {
  return new Promise((resolve) => {
    const transport = pc.getReceivers()[0]?.transport;
    transport?.addEventListener("statechange", () => {
      if (transport.state === "closed" || transport.state === "failed") resolve();
    });
    pc.addEventListener("connectionstatechange", () => {
      if (pc.connectionState === "failed") resolve();
    });
  });
}
