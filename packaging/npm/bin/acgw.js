#!/usr/bin/env node
// Runs the program of the package that npm chose for this platform.
const { spawn } = require("node:child_process");
const { constants } = require("node:os");

const platform = `acgw-conformance-${process.platform}-${process.arch}`;
let program;
try {
  program = require.resolve(`${platform}/acgw${process.platform === "win32" ? ".exe" : ""}`);
} catch {
  console.error(`acgw: there is no package ${platform}: build it from source with cargo install`);
  process.exit(2);
}
const child = spawn(program, process.argv.slice(2), { stdio: "inherit" });
// Ctrl-C reaches the program by itself, since it is in the same group; it ends the run and this process waits for that.
for (const signal of ["SIGINT", "SIGHUP"]) process.on(signal, () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("error", (error) => {
  console.error(`acgw: ${program}: ${error.message}`);
  process.exit(2);
});
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
