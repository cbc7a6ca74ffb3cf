// Calls every RPC of ingestion and metrics with @grpc/grpc-js, from the protos as they are published.
import assert from 'node:assert';
import { createRequire } from 'node:module';

const [address, protos, modules] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const definition = loader.loadSync(['churn/ingestion/v1/ingestion.proto', 'churn/metrics/v1/metrics.proto', 'churn/streams/v1/streams.proto'],
  { includeDirs: [protos], keepCase: true, longs: String, enums: String, defaults: true });
const { churn } = grpc.loadPackageDefinition(definition);
const ingestion = new churn.ingestion.v1.IngestionService(address, grpc.credentials.createInsecure());
const metrics = new churn.metrics.v1.MetricsService(address, grpc.credentials.createInsecure());

const call = (client, method, request) => new Promise((resolve, reject) =>
  client[method](request, { deadline: Date.now() + 30_000 }, (error, answer) => error ? reject(error) : resolve(answer)));
const collect = (stream, most) => new Promise((resolve, reject) => {
  const answers = [];
  stream.on('data', answer => { answers.push(answer); if (answers.length === most) { stream.cancel(); resolve(answers); } });
  stream.on('end', () => resolve(answers));
  stream.on('error', error => error.code === grpc.status.CANCELLED ? resolve(answers) : reject(error));
});
const fact = (number, customer, micros) => ({
  source: 'node', event_id: `js-${number}`, customer_id: customer, occur_time: { seconds: 1709251200 },
  subscription_started: { subscription_id: `s${number}`, plan: 'pro', price: { currency: 'EUR', mrr_micros: micros } },
});

const recorded = await call(ingestion, 'RecordFacts', { facts: [fact(1, 'j1', 10_000_000), fact(2, 'j2', 20_000_000), { source: 'node' }] });
assert.deepStrictEqual(recorded.verdicts, ['VERDICT_RECORDED', 'VERDICT_RECORDED', 'VERDICT_REJECTED']);
const stream = ingestion.StreamFacts();
const streamed = collect(stream);
stream.write({ facts: [fact(3, 'j3', 30_000_000)] });
stream.write({ facts: [fact(1, 'j1', 10_000_000)] });
stream.end();
const last = (await streamed).at(-1);
assert.deepStrictEqual([last.durable_through, last.recorded_count, last.duplicate_count], ['2', '1', '1']);
assert.strictEqual((await call(ingestion, 'GetFact', { source: 'node', event_id: 'js-3' })).fact.customer_id, 'j3');
assert.ok((await call(ingestion, 'ListFacts', { source: 'node', page_size: 1000 })).facts.length >= 1);
const retracted = await call(ingestion, 'RetractFact', { source: 'node', event_id: 'js-2' });
const tokens = [recorded, last, retracted].map(answer => answer.consistency_token);
const read = { read: { consistency_token: tokens.join(','), currency: 'EUR' } };

const overview = await call(metrics, 'GetOverview', read);
assert.strictEqual(overview.sections[0].months.at(-1).bridge.closing_mrr_micros, '40000000');
assert.ok(overview.info.identity.balanced);
assert.strictEqual((await call(metrics, 'ListMovements', read)).movements.length, 2);
assert.strictEqual((await call(metrics, 'GetRates', read)).months.length, overview.sections[0].months.length);
assert.strictEqual((await call(metrics, 'GetRollingMetrics', read)).figures.length, 8);
assert.strictEqual((await call(metrics, 'GetSeries', { ...read, metric: 'METRIC_MRR' })).series[0].points.at(-1).numerator, '40000000');
assert.strictEqual((await call(metrics, 'GetCohorts', read)).cohorts[0].customers, '2');
assert.strictEqual((await call(metrics, 'ListSegments', read)).segments[0].segment.value, 'pro');
assert.strictEqual((await collect(metrics.ExplainMetric({ ...read, month: '2024-03' }))).length, 3);
assert.strictEqual((await collect(metrics.WatchMetrics(read), 1))[0].figures.length, 8);
const streams = new churn.streams.v1.StreamService(address, grpc.credentials.createInsecure());
const { heads } = await call(streams, 'ListHeads', { stream: 'facts' });
const grown = heads.find(head => head.offset > 0);
const pages = await collect(streams.ReadStream({ stream: 'facts', shard: grown.shard }));
assert.strictEqual(pages.flatMap(page => page.chunks).reduce((sum, chunk) => sum + chunk.count, 0), Number(grown.offset));
await assert.rejects(call(metrics, 'GetOverview', { from_month: 'soon', read: read.read }), { code: grpc.status.INVALID_ARGUMENT });
console.log('ok');
process.exit(0);
