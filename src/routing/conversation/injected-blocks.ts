// What agents and editors put into the human's message besides what the human wrote.

/** Blocks of notes, files and terminal output: `<system-reminder>…</system-reminder>`. */
const notes = new Set([
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
]);
/** Blocks around what the human wrote: nothing outside them is theirs. */
const wrappers = new Set(['user_query', 'user_message', 'userrequest', 'task', 'command-args']);

const openingTag = /<([a-zA-Z][\w-]{1,40})(?:\s[^<>]{0,500})?>/g;
/** A heading that Codex puts above the project's instructions. */
const instructionsHeading = /^# AGENTS\.md instructions for .*$/m;

/** The text of a human's message without what was injected around it; empty where nothing else is there. */
export function withoutInjected(text: string): string {
  // By far the most messages hold no tag at all.
  if (!text.includes('</')) return text.trim();
  const { outside } = splitBlocks(text, notes);
  const { inside } = splitBlocks(outside, wrappers);
  const asked = inside.map((part) => part.trim()).filter((part) => part !== '');
  return asked.length > 0 ? asked.join('\n') : outside.replace(instructionsHeading, '').trim();
}

/** What stands in the blocks of these names, and what is left of the text without them. */
function splitBlocks(
  text: string,
  names: ReadonlySet<string>,
): { inside: string[]; outside: string } {
  const inside: string[] = [];
  const outside: string[] = [];
  const unclosed = new Set<string>();
  let from = 0;
  for (const { 0: tag, 1: name = '', index } of text.matchAll(openingTag)) {
    // What never closes is searched for once: from every further opening it would take for ever.
    if (index < from || unclosed.has(name) || !names.has(name.toLowerCase())) continue;
    const start = index + tag.length;
    const end = text.indexOf(`</${name}>`, start);
    if (end === -1) {
      unclosed.add(name);
      continue;
    }
    inside.push(text.slice(start, end));
    outside.push(text.slice(from, index));
    from = end + name.length + '</>'.length;
  }
  return { inside, outside: [...outside, text.slice(from)].join('') };
}
