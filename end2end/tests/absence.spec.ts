// Absence: a user sets their own, everybody sees it, and direct messages are answered.
import { type Locator, type Page } from '@playwright/test';
import { bubble, expect, hydrated, pair, say, test } from '../stage';

const card = (page: Page, name: string) => page.getByRole('dialog', { name });

/** A day as the value of a date field, in the browser's zone. */
function day(page: Page, ahead: number): Promise<string> {
  return page.evaluate((ahead) => {
    const then = new Date(Date.now() + ahead * 86400e3);
    return new Date(then.getTime() - then.getTimezoneOffset() * 60e3).toISOString().slice(0, 10);
  }, ahead);
}

async function openOwnCard(page: Page): Promise<void> {
  await page.getByRole('tab', { name: /사람/ }).click();
  await page.locator('button.row.me').click();
}

test('an absence is set by keys alone, seen in list, card and header, answers once, and is ended', async ({ person }) => {
  const [minsu, cheolsu] = [await person('minsu'), await person('cheolsu')];
  await openOwnCard(cheolsu);
  const own = card(cheolsu, '박철수');
  await own.getByText('부재 설정').focus();
  await cheolsu.keyboard.press('Enter');
  await own.getByLabel('마지막 날').fill(await day(cheolsu, -1));
  await own.getByLabel('마지막 날').press('Enter');
  const [error, last] = [own.getByText('아직 지나지 않은 마지막 날을 골라 주세요.'), own.getByLabel('마지막 날')];
  await expect(error).toBeVisible();
  await expect(last).toBeFocused();
  await expect(last).toHaveAttribute('aria-invalid', 'true');
  await expect(last).toHaveAccessibleDescription(/아직 지나지 않은 마지막 날/);
  const colours = (element: Locator) => element.evaluate((element) => [getComputedStyle(element).color, getComputedStyle(element).textAlign]);
  const danger = await error.evaluate((error) => {
    const probe = error.appendChild(document.createElement('i'));
    probe.style.color = 'var(--danger)';
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  });
  expect(await colours(error)).toEqual([danger, 'left']);
  await own.getByLabel('마지막 날').fill(await day(cheolsu, 3));
  await own.getByLabel('자동 응답').fill('휴가입니다. 급한 일은 총무과로 연락해 주세요.');
  await own.getByLabel('자동 응답').press('Enter');
  await expect(own).toHaveCount(0);
  await expect(cheolsu.getByRole('status', { name: '알림' })).toContainText('저장했습니다.');
  await expect(cheolsu.locator('.side > .bar p')).toHaveText(/^박철수 · 부재 · \d+월 \d+일 \(.\)까지$/);

  const row = minsu.locator('.row-item', { has: minsu.getByText('박철수') }).first();
  await expect(row.getByText(/^부재 · \d+월 \d+일 \(.\)까지$/)).toBeVisible();
  await minsu.reload();
  await hydrated(minsu);
  await expect(row.getByText(/^부재 · /)).toBeVisible();
  await minsu.getByRole('button', { name: '박철수 정보 보기' }).first().click();
  await expect(card(minsu, '박철수').getByText('휴가입니다. 급한 일은')).toBeVisible();
  await expect(card(minsu, '박철수').getByText(/^부재 \d+월 \d+일 \(.\) ~ /)).toBeVisible();
  await minsu.keyboard.press('Escape');

  const minsus = await (await Promise.all([minsu.waitForEvent('popup'), minsu.locator('button.row', { hasText: '박철수' }).first().click()]))[0];
  await hydrated(minsus);
  await expect(minsus.locator('.bar').getByText(/부재 · /)).toBeVisible();
  await say(minsus, '자료 받으셨어요?');
  const answer = minsus.getByText(/^자동 응답: 박철수님은 .*까지 부재 중입니다\. “휴가입니다\. 급한 일은 총무과로 연락해 주세요\.”$/);
  await expect(answer).toHaveCount(1);
  await say(minsus, '휴가시군요');
  await expect(bubble(minsus, '휴가시군요')).toHaveAttribute('data-state', 'sent');
  await minsus.reload();
  await hydrated(minsus);
  await expect(answer).toHaveCount(1);

  await openOwnCard(cheolsu);
  await own.getByText('부재 설정').click();
  await own.getByRole('button', { name: '부재 해제' }).click();
  await expect(row.getByText(/^부재 · /)).toHaveCount(0);
});
