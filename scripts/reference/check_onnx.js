// Runs exported ONNX models in ONNX Runtime and compares their logits with those of the C++ program.
// For each NAME.cases.safetensors in the folder (tensors I/image and I/logits) it runs NAME.onnx.
// Usage: scripts/onnxruntime.sh scripts/reference/check_onnx.js FOLDER

const fs = require('fs');
const path = require('path');
const ort = require('onnxruntime-node');

const TOLERANCE = 1e-4;

/** Returns {name: {shape, values}} of the float tensors of a safetensors file. */
function readSafetensors(file) {
  const bytes = fs.readFileSync(file);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, start));
  delete header.__metadata__;
  return Object.fromEntries(
    Object.entries(header).map(([name, {shape, data_offsets: [begin, end]}]) => {
      const data = Uint8Array.from(bytes.subarray(start + begin, start + end));  // copied, for alignment
      return [name, {shape, values: new Float32Array(data.buffer)}];
    }));
}

/** Returns the largest difference of a logit, relative to the largest logit; NaN if the shapes differ. */
function relativeDifference(actual, expected) {
  if (actual.dims.join() !== expected.shape.join()) return NaN;
  let largest = 0;
  let difference = 0;
  expected.values.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, Math.abs(value - actual.data[i]));
  });
  return difference / largest;
}

async function check(folder, name) {
  const cases = readSafetensors(path.join(folder, `${name}.cases.safetensors`));
  const session = await ort.InferenceSession.create(path.join(folder, `${name}.onnx`));
  let largest = 0;
  for (let i = 0; cases[`${i}/image`]; ++i) {
    const {shape, values} = cases[`${i}/image`];
    const {logits} = await session.run({image: new ort.Tensor('float32', values, shape)});
    largest = Math.max(largest, relativeDifference(logits, cases[`${i}/logits`]));
  }
  return largest;
}

async function main() {
  const folder = process.argv[2];
  const suffix = '.cases.safetensors';
  const names = fs.readdirSync(folder).filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length));
  for (const name of names.sort()) {
    const difference = await check(folder, name);
    const passed = difference <= TOLERANCE;
    if (!passed) process.exitCode = 1;
    console.log(`${name} onnx: ${difference.toExponential(1)} ${passed ? 'ok' : 'DIFFERENT'}`);
  }
  console.log(`${names.length} models`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
