// Reads [typ, token] pairs as JSON from standard input and writes for each whether the console's parser accepts it.
import { parse } from "../../addon/operator/operator_service/static/jws.js";

let text = "";
for await (const piece of process.stdin.setEncoding("utf8")) text += piece;
const accepted = await Promise.all(JSON.parse(text).map(([typ, token]) => parse(typ, token).then(() => true, () => false)));
process.stdout.write(JSON.stringify(accepted));
