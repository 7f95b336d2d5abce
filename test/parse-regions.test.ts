import { expect, test } from 'vitest'
import { isRegion, nearestRegion, partitionOf, regionCode } from '../shared/parse/region.ts'

test.each([
  ['eu-west-1', 'eu-west-1'],
  [' EU-West-1 ', 'eu-west-1'],
  ['us-gov-west-1', 'us-gov-west-1'],
  ['eusc-de-east-1', 'eusc-de-east-1'],
  ['EU (Ireland)', 'eu-west-1'],
  ['  South America --- (São   Paulo)', 'sa-east-1'],
  ['Oregon', 'us-west-2'],
  ['Oregon, or so', undefined],
  ['', undefined],
  [undefined, undefined],
  [`${'a '.repeat(47)}Oregon`, 'us-west-2'],
  [`${'a '.repeat(48)}Oregon`, undefined],
])('%j is %s', (given, code) => {
  expect(regionCode(given)).toBe(code)
})

test.each([
  ['eu-west-1', true],
  // AWS may open more where it has some, or somewhere new.
  ['eu-west-9', true],
  ['xy-north-1', true],
  ['eu-up-1', false],
  ['eu-west', false],
  ['EU-West-1', false],
  // Its letters are those of another.
  ['ue-west-1', false],
  ['Ireland', false],
])('%s is a region: %s', (text, expected) => {
  expect(isRegion(text)).toBe(expected)
})

test.each([
  ['EU (Ireland)', 'eu-west-1'],
  ['eu-west-1', 'eu-west-1'],
  [' UE_West_1 ', 'eu-west-1'],
  ['ue-west-1', 'eu-west-1'],
  ['eu-wst-1', 'eu-west-1'],
  ['eu-wst1', 'eu-west-1'],
  ['euwst1', 'eu-west-1'],
  ['euwst', undefined],
  ['moon', undefined],
  ['eu-wess-1', 'eu-west-1'],
  ['eu-up-1', undefined],
])('%j is meant to be %s', (text, expected) => {
  expect(nearestRegion(text)).toBe(expected)
})

test.each([
  ['eu-west-1', 'aws'],
  [undefined, 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['eu-isoe-west-1', 'aws-iso-e'],
  ['us-isof-south-1', 'aws-iso-f'],
  ['eusc-de-east-1', 'aws-eusc'],
  ['my-cn-north-1', 'aws'],
])('%s is in the partition %s', (region, partition) => {
  expect(partitionOf(region)).toBe(partition)
})
