import { auditKeygen } from './audit-keygen.js';
import { auditVerify } from './audit-verify.js';
import { metricsGrafana } from './metrics-grafana.js';
import { metricsRules } from './metrics-rules.js';
import { tokenExplain } from './token-explain.js';
import { USAGE, type Console, type Verb } from './verb.js';

/** Every verb there is; a new one is a file and a line here. */
const VERBS: readonly Verb[] = [auditKeygen, auditVerify, metricsGrafana, metricsRules, tokenExplain];

const COMMAND = 'nestjs-auth-services';

/** Finds the verb and runs it. Answers with the exit code; whatever goes wrong is said on standard error, without a stack. */
export async function runCommand(args: readonly string[], console: Console, verbs = VERBS): Promise<number> {
  const verb = verbs.find(({ name }) => name.split(' ').every((word, index) => args[index] === word));
  if (verb === undefined) {
    const wantsHelp = args.length === 0 || args[0] === '--help' || args[0] === '-h' || args[0] === 'help';
    (wantsHelp ? console.out : console.error)(listOf(verbs, wantsHelp ? undefined : args));
    return wantsHelp && args.length > 0 ? 0 : USAGE;
  }
  const rest = args.slice(verb.name.split(' ').length);
  if (rest.includes('--help') || rest.includes('-h')) {
    console.out(`${verb.summary}\n\nUsage: ${COMMAND} ${verb.name} ${verb.usage}`);
    return 0;
  }
  try {
    const code = await verb.run(rest, console);
    if (code === USAGE) console.error(`Usage: ${COMMAND} ${verb.name} ${verb.usage}`);
    return code;
  } catch (error) {
    console.error(`${verb.name} failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

function listOf(verbs: readonly Verb[], unknown: readonly string[] | undefined): string {
  const typed = unknown?.slice(0, 2).join(' ').slice(0, 60);
  const width = Math.max(...verbs.map(({ name, usage }) => name.length + usage.length));
  return [
    ...(typed === undefined ? [] : [`${JSON.stringify(typed)} is no verb of ${COMMAND}.`, '']),
    `Usage: ${COMMAND} VERB`,
    '',
    ...verbs.map(({ name, usage, summary }) => `  ${`${name} ${usage}`.padEnd(width + 1)}  ${summary}`),
  ].join('\n');
}
