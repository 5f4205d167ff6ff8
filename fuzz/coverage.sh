#!/usr/bin/env bash
# Which lines of the parsers and of the judging code the corpora reach: `bash fuzz/coverage.sh`, or with the names of some targets.
#
# LLVM_PROFDATA and LLVM_COV are those programs of LLVM, of the version that `rustc -vV` names or a newer one (Debian: llvm-22).
# CORPUS is another folder with a folder a target. SHOW lists the lines that are never reached, a file of that name.
set -euo pipefail
cd "$(dirname "$0")"
LLVM_PROFDATA="${LLVM_PROFDATA:-llvm-profdata}"
LLVM_COV="${LLVM_COV:-llvm-cov}"
CORPUS="${CORPUS:-corpus}"
out="${CARGO_TARGET_DIR:-target}/corpus-coverage"
mkdir -p "$out"
out="$(cd "$out" && pwd)"
targets=("$@")
[ $# -gt 0 ] || mapfile -t targets < <(cd fuzz_targets && printf '%s\n' *.rs | sed 's/\.rs$//')

export RUSTFLAGS="-C instrument-coverage" CARGO_TARGET_DIR="$out" LLVM_PROFILE_FILE="$out/build-%p.profraw"
cargo build --quiet --bins
rm -f "$out"/*.profraw
objects=()
option=""
for target in "${targets[@]}"; do
  LLVM_PROFILE_FILE="$out/$target.profraw" "$out/debug/$target" -runs=0 -verbosity=0 "$CORPUS/$target"
  # The first is the program, the others are further ones.
  objects+=($option "$out/debug/$target")
  option="-object"
done
"$LLVM_PROFDATA" merge -sparse "$out"/*.profraw -o "$out/all.profdata"
source="$(cd ../src && pwd)"
parts=("$source"/{protocol,suite/judge,gateway/message.rs,gateway/answer.rs})
"$LLVM_COV" report "${objects[@]}" -instr-profile="$out/all.profdata" "${parts[@]}"
if [ -n "${SHOW:-}" ]; then
  "$LLVM_COV" show "${objects[@]}" -instr-profile="$out/all.profdata" "${parts[@]}" > "$SHOW"
fi
