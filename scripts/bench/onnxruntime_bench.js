// Measures an exported model in ONNX Runtime after two warm-up runs; prints the seconds of each run as JSON.
// Usage: scripts/onnxruntime.sh scripts/bench/onnxruntime_bench.js MODEL BATCH SIZE THREADS REPEAT

const ort = require('onnxruntime-node');

async function main() {
  const [model, ...numbers] = process.argv.slice(2);
  const [batch, size, threads, repeat] = numbers.map(Number);
  const session = await ort.InferenceSession.create(model, {intraOpNumThreads: threads, interOpNumThreads: 1});
  const values = Float32Array.from({length: batch * 3 * size * size}, () => Math.random());
  const image = new ort.Tensor('float32', values, [batch, 3, size, size]);
  const seconds = [];
  for (let i = -2; i < repeat; ++i) {
    const start = process.hrtime.bigint();
    await session.run({image});
    if (i >= 0) seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  console.log(JSON.stringify(seconds));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
