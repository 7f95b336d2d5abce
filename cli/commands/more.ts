import { spec } from '../frame/spec.ts'

export const COMPLETION = spec({
  name: 'completion',
  group: 'More',
  summary: 'complete commands and options by Tab',
  about:
    'Prints a script that lets a shell complete commands and options of alert-router by Tab, with or without npx before it.',
  args: [{ name: 'SHELL', what: 'bash, zsh or fish', ask: 'For which shell? bash, zsh or fish.' }],
  options: {},
  notes: `Where to put it:

  bash   npx alert-router completion bash >> ~/.bashrc
  zsh    npx alert-router completion zsh >> ~/.zshrc
  fish   npx alert-router completion fish \\
           > ~/.config/fish/completions/alert-router.fish`,
  examples: [['completion bash', 'the script for bash']],
  exits: { 0: 'It is printed.' },
})
