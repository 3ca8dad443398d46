/** What a post-mortem needs and no journal knows: for people to write. Nothing is ever filled in here. */
export interface Prompt {
  readonly id: 'cause' | 'noticed' | 'affected' | 'evidence' | 'data' | 'told' | 'lessons' | 'signed';
  readonly asks: string;
  /** Always null: an answer is a person's. */
  readonly answer: null;
}

export const prompts: readonly Prompt[] = [
  {id: 'cause', asks: 'Cause: how the intruder came in, since when, and how that is known', answer: null},
  {id: 'noticed', asks: 'Noticed: when, by whom, by what sign; when the service was first out', answer: null},
  {id: 'affected', asks: 'Affected: which users, data and keys; which of them were changed since', answer: null},
  {id: 'evidence', asks: 'Evidence: what was kept before the wipe, where, and in whose hands', answer: null},
  {id: 'data', asks: 'Data: what was restored, from which day, and what is lost', answer: null},
  {id: 'told', asks: 'Told: which users and authorities, when, and what was promised to them', answer: null},
  {id: 'lessons', asks: 'Lessons: what is to change, who does it, until when', answer: null},
  {id: 'signed', asks: 'Read and agreed: name and date', answer: null},
];
