import type { Citation } from '../catalog.js';

/** Titles of the documents that the built-in rules come from, by the name that a citation gives them. */
export const sources: Readonly<Record<string, string>> = {
  coverage: 'ActiveImage Protector Use Case',
  instances: 'Manage Licenses',
  pools: 'License Management Portal Overview',
  defaults: 'Defaults',
  field: 'Field rules',
  public: 'Public pages of the products',
};

/** A row a rule: `id | source | section | lines | the rule that says it too`. Apart from the catalogs, which decide. */
const ROWS = `
AIP-0.1 | coverage | 1, 5, 6 | 14, 84, 88
AIP-0.2 | coverage | 1, 4, 8, 9 | 22, 55, 102, 111
AIP-1.1 | coverage | 1 | 12-14
AIP-1.2 | coverage | 1 | 16-18
AIP-1.3 | coverage | 1 | 20-21
AIP-1.4 | coverage | 1 | 21
AIP-1.5 | coverage | 1 | 22
AIP-2.1 | coverage | 2 | 25-26
AIP-2.2 | coverage | 2 | 27
AIP-2.3 | coverage | 2 | 30-32
AIP-2.4 | coverage | 2 | 34-35
AIP-2.5 | coverage | 2 | 37-38
AIP-2.6 | coverage | 2 | 39
AIP-3.1 | coverage | 3 | 42-44
AIP-3.2 | coverage | 3 | 46-47
AIP-3.3 | coverage | 3 | 41
AIP-3.4 | coverage | 3 | 49-50
AIP-4.1 | coverage | 4 | 53-55
AIP-4.2 | coverage | 4 | 57-58
AIP-4.3 | coverage | 4 | 60-62
AIP-4.4 | coverage | 4 | 64-65
AIP-4.5 | coverage | 4 | 66
AIP-4.6 | coverage | 4 | 67
AIP-5.1 | coverage | 5 | 70-71
AIP-5.2 | coverage | 5 | 72
AIP-5.3 | coverage | 5 | 74-75
AIP-5.4 | coverage | 5 | 77-78
AIP-5.5 | coverage | 5 | 79
AIP-5.6 | coverage | 5 | 81-83
AIP-5.7 | coverage | 5 | 84
AIP-6.1 | coverage | 6 | 86-88
AIP-6.2 | coverage | 6 | 88
AIP-7.1 | coverage | 7 | 90-92
AIP-7.1a | coverage | 7 | 92
AIP-7.2 | coverage | 7 | 93
AIP-7.3 | coverage | 7 | 95
AIP-7.4 | coverage | 7 | 96
AIP-8.1 | coverage | 8 | 99-101
AIP-8.2 | coverage | 8 | 102
AIP-8.3 | coverage | 8 | 103
AIP-9.1 | coverage | 9 | 106-107
AIP-9.2 | coverage | 9 | 108
AIP-9.3 | coverage | 9 | 108
AIP-9.4 | coverage | 9 | 111
AIP-9.5 | coverage | 9 | 112
AIP-9.6 | coverage | 9 | 113
AIP-9.7 | coverage | 9 | 114
MSP-1 | instances | Manage Licenses | 3
MSP-2 | instances | Manage Licenses | 3
MSP-3 | instances | Manage Licenses | 5
MSP-4 | instances | Manage Licenses | 5
MSP-5 | instances | Manage and Purchase Licenses | 11
MSP-6 | instances | Manage and Purchase Licenses | 13-14
MSP-7 | instances | Manage and Purchase Licenses | 15
MSP-7.1 | instances | Manage and Purchase Licenses | 16 | MSP-7
MSP-7.2 | instances | Manage and Purchase Licenses | 17 | MSP-7
MSP-7.3 | instances | Manage and Purchase Licenses | 18 | MSP-7
MSP-7.4 | instances | Manage and Purchase Licenses | 19 | MSP-7
MSP-7.5 | instances | Manage and Purchase Licenses | 20 | MSP-7
MSP-8 | instances | Manage and Purchase Licenses | 21
MSP-9 | instances | Manage and Purchase Licenses | 22-23
MSP-10 | instances | Manage and Purchase Licenses | 25
MSP-11 | instances | Manage and Purchase Licenses | 27
MSP-12 | instances | Manage and Purchase Licenses | 29
MSP-P1 | public | Renew Licenses |  | D-2
LMP-1.1 | pools | 1 | 78
LMP-1.2 | pools | 1 | 80-83
LMP-1.3 | pools | 1 | 84 | LMP-4.11
LMP-1.4 | pools | 1 | 84-86
LMP-1.5 | pools | 1 | 90
LMP-1.5b | pools | 1, 4.17 | 90, 287-303 | LMP-1.5
LMP-1.6 | pools | 1 | 90
LMP-1.7 | pools | 1 | 90
LMP-1.8 | pools | 1 | 92 | LMP-3.10
LMP-2.1 | pools | 2 | 110 | LMP-1.1
LMP-2.2 | pools | 2 | 118 | LMP-4.3
LMP-2.3 | pools | 2 | 122-127
LMP-2.4 | pools | 2 | 128-134
LMP-2.5 | pools | 2 | 98, 135 | LMP-3.9
LMP-3.1 | pools | 3 | 141-145
LMP-3.2 | pools | 3 | 147
LMP-3.3 | pools | 3 | 149-153
LMP-3.4 | pools | 3 | 157
LMP-3.5 | pools | 3 | 165-171
LMP-3.6 | pools | 3 | 177 | LMP-4.14
LMP-3.7 | pools | 3 | 177 | LMP-4.16
LMP-3.8 | pools | 3 | 177 | LMP-4.17
LMP-3.9 | pools | 3, 2 | 179, 135
LMP-3.10 | pools | 3 | 181
LMP-3.11 | pools | 3 | 183
LMP-4.1 | pools | 4.1 | 189-191
LMP-4.2 | pools | 4.2 | 194-196
LMP-4.3 | pools | 4.3 | 199-203
LMP-4.4 | pools | 4.4 | 206-212
LMP-4.5 | pools | 4.5 | 215-217
LMP-4.6 | pools | 4.6 | 220-222
LMP-4.7 | pools | 4.7 | 225-227 | LMP-2.4
LMP-4.8 | pools | 4.8 | 230-232
LMP-4.9 | pools | 4.9 | 235-239
LMP-4.10 | pools | 4.10 | 242-244 | LMP-3.3
LMP-4.11 | pools | 4.11 | 247-254
LMP-4.12 | pools | 4.12 | 257-259 | LMP-2.4
LMP-4.13 | pools | 4.13 | 262-269
LMP-4.14 | pools | 4.14 | 272-274
LMP-4.15 | pools | 4.15 | 277-279
LMP-4.16 | pools | 4.16 | 282-284
LMP-4.17 | pools | 4.17 | 287-303 | LMP-4.16
LMP-P1 | public | Manage License
D-1 | defaults | D-1
D-2 | defaults | D-2
D-3 | defaults | D-3
D-4 | defaults | D-4
D-5 | defaults | D-5
D-6 | defaults | D-6
D-7 | defaults | D-7
D-8 | defaults | D-8
D-9 | defaults | D-9
D-10 | defaults | D-10
D-11 | defaults | D-11
D-12 | defaults | D-12
F-1 | field | F-1
F-2 | field | F-2
F-3 | field | F-3
F-4 | field | F-4
F-5 | field | F-5 |  | AIP-5.4
F-6 | field | F-6
F-7 | field | F-7
F-8 | field | F-8
F-9 | field | F-9
F-10 | field | F-10
F-11 | field | F-11
F-12 | field | F-12
`;

/** Where each built-in rule stands, by its id; also the rules that no row of a catalog decides by. */
export const citations: ReadonlyMap<string, Citation> = new Map(ROWS.trim().split('\n').map(read));

function read(row: string): readonly [id: string, citation: Citation] {
  const [id = '', source = '', section = '', lines = '', same = ''] = row.split(' | ');
  return [id, { source, section, ...(lines !== '' && { lines }), ...(same !== '' && { same }) }];
}
