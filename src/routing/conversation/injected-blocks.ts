// What agents and editors put into the human's message besides what the human wrote.

/** Blocks of notes, files and terminal output: `<system-reminder>…</system-reminder>`. */
const notes = toOpeningTags([
  'system-reminder',
  'system_reminder',
  'environment_details',
  'environment_context',
  'local-command-stdout',
  'local-command-stderr',
  'local-command-caveat',
  'command-name',
  'command-message',
  'bash-stdout',
  'bash-stderr',
  'user_instructions',
  'instructions',
  'attached_files',
  'attachments',
  'open_files',
  'open_and_recently_viewed_files',
  'additional_data',
  'current_file',
  'file_contents',
  'editorcontext',
  'reminderinstructions',
  'workspace_info',
  'project_layout',
  'user_info',
  'git_status',
  'tool_use_error',
  'feedback_request',
  'user-prompt-submit-hook',
  'task-notification',
  'new-diagnostics',
  'ide_opened_file',
  'ide_selection',
  'turn_aborted',
]);
/** Blocks around what the human wrote: nothing outside them is theirs. */
const wrappers = toOpeningTags([
  'user_query',
  'user_message',
  'userrequest',
  'task',
  'command-args',
]);
/** What the human wrote into the result of a tool: a comment on it, or the answer to its question. */
const comments = toOpeningTags(['feedback', 'answer', 'user_message']);

/** More than any agent writes into a message: what is beyond them stays. */
const mostTags = 10_000;
/** A heading that Codex puts above the project's instructions. */
const instructionsHeading = /^# AGENTS\.md instructions for .*$/m;

/** Agents that know no tool calls send results as the human's text: `[read_file for 'a.ts'] Result:`. */
const resultHeading = /^\s*\[\w{1,60}(?: for '[^\n]{0,2000}')?\] Result:/;

/** The text of a human's message without what was injected around it; empty where nothing else is there. */
export function withoutInjected(text: string): string {
  if (resultHeading.test(text)) return splitBlocks(text, comments).inside.join('\n').trim();
  // By far the most messages hold no tag at all.
  if (!text.includes('</')) return text.trim();
  const { outside } = splitBlocks(text, notes);
  const { inside } = splitBlocks(outside, wrappers);
  const asked = inside.map((part) => part.trim()).filter((part) => part !== '');
  return asked.length > 0 ? asked.join('\n') : outside.replace(instructionsHeading, '').trim();
}

/** What stands in the blocks that these tags open, and what is left of the text without them. */
function splitBlocks(text: string, openingTag: RegExp): { inside: string[]; outside: string } {
  const inside: string[] = [];
  const outside: string[] = [];
  const unclosed = new Set<string>();
  let from = 0;
  let left = mostTags;
  for (const { 0: tag, 1: name = '', index } of text.matchAll(openingTag)) {
    if (left === 0) break;
    left -= 1;
    // What never closes is searched for once, however it is spelt: from every further opening it would take for ever.
    if (index < from || unclosed.has(name.toLowerCase())) continue;
    const start = index + tag.length;
    const end = text.indexOf(`</${name}>`, start);
    if (end === -1) {
      unclosed.add(name.toLowerCase());
      continue;
    }
    inside.push(text.slice(start, end));
    outside.push(text.slice(from, index));
    from = end + name.length + '</>'.length;
  }
  return { inside, outside: [...outside, text.slice(from)].join('') };
}

function toOpeningTags(names: readonly string[]): RegExp {
  return new RegExp(`<(${names.join('|')})(?:\\s[^<>]{0,500})?>`, 'gi');
}
