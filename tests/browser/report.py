"""The HTML report as a reader uses it, made by the built program and driven in headless Chromium: report.py ACGW FOLDER."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

ACGW, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
ALPHA = ["--identity", "alpha", "--secrets", '{"password":"correct-horse-battery"}']
BRAVO = ["--other-identity", "bravo@example.com", "--other-secrets", '{"api key":"k:9\\"42\\"\\\\:{}","passwört":"naïve: ☂ 傘 >>>???"}']
# A phone, a tablet, a screen.
WIDTHS = [360, 820, 1440]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def report(name, faults, *options):
    """Checks the reference handler with these faults; the report's path, and what the JSON report says."""
    port, idp = free_port(), free_port()
    keys = f"http://127.0.0.1:{idp}/api/idp/v1/keys"
    command = [ACGW, "serve", "--listen", f"127.0.0.1:{port}", "--jwks", keys]
    for fault in faults:
        command += ["--fault", fault]
    handler = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        page, data = FOLDER / f"{name}.html", FOLDER / f"{name}.json"
        subprocess.run(
            [ACGW, "check", f"http://127.0.0.1:{port}/callback", *ALPHA, *BRAVO, "--idp", f"127.0.0.1:{idp}", "--seed", "1",
             "--cases", "10", "--skip", "JWT-18", "--report", f"html={page}", "--report", f"json={data}", *options],
            stdout=subprocess.DEVNULL,
            check=False,
        )
    finally:
        handler.terminate()
        handler.wait()
    return page, json.loads(data.read_text())


def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))


def shown(driver):
    return [one.get_attribute("id") for one in driver.find_elements(By.CSS_SELECTOR, ".requirement") if one.is_displayed()]


def ids(data, wanted):
    return [one["id"] for one in data["requirements"] if wanted(one)]


def same(driver, wanted):
    """Whether just these requirements are shown."""
    found = shown(driver)
    assert found == wanted, f"missing {set(wanted) - set(found)}, too many {set(found) - set(wanted)}"


def state(driver, value):
    return driver.find_element(By.CSS_SELECTOR, f"input[name=state][value={value}]")


def filters_work(driver, data):
    everything = ids(data, lambda one: True)
    same(driver, everything)
    output = driver.find_element(By.NAME, "shown")
    assert output.text == f"{len(everything)} of {len(everything)} shown", output.text

    # States: only what failed and counts stays when the others are unticked, by keyboard.
    for box in driver.find_elements(By.CSS_SELECTOR, "input[name=state]"):
        if box.get_attribute("value") != "failed":
            box.send_keys(Keys.SPACE)
    failed = ids(data, lambda one: one["state"] == "failed" and one["level"] == "must")
    assert failed and shown(driver) == failed, (failed, shown(driver))
    assert output.text.startswith(f"{len(failed)} of "), output.text
    driver.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    same(driver, everything)

    # Level and area, which add up.
    Select(driver.find_element(By.NAME, "level")).select_by_visible_text("should")
    same(driver, ids(data, lambda one: one["level"] == "should"))
    Select(driver.find_element(By.NAME, "area")).select_by_value("ERR")
    assert shown(driver) == ids(data, lambda one: one["level"] == "should" and one["id"].startswith("ERR-"))
    driver.find_element(By.CSS_SELECTOR, "button[type=reset]").click()

    # Text, from anywhere by a slash.
    driver.find_element(By.TAG_NAME, "body").send_keys("/")
    driver.switch_to.active_element.send_keys("jwt-04")
    found = shown(driver)
    assert "JWT-04" in found and len(found) < 10, found
    driver.switch_to.active_element.send_keys(" no such words")
    assert shown(driver) == [] and driver.find_element(By.CSS_SELECTOR, ".none").is_displayed()
    driver.find_element(By.CSS_SELECTOR, "button[type=reset]").click()
    same(driver, everything)


def evidence_opens(driver):
    # A link shows its requirement whatever the filters say.
    state(driver, "failed").click()
    driver.execute_script("location.hash = '#JWT-04'")
    one = driver.find_element(By.ID, "JWT-04")
    assert one.is_displayed() and one.get_attribute("open")
    assert driver.switch_to.active_element == one.find_element(By.TAG_NAME, "summary")
    for words in ["expected", "observed", "request", "response", "repeat", "curl", "Authorization", "against its accepted control"]:
        assert words in one.text, words
    assert one.find_elements(By.CSS_SELECTOR, "pre .string") and one.find_elements(By.CSS_SELECTOR, "pre .removed")
    button = one.find_element(By.CSS_SELECTOR, ".copy")
    button.click()
    time.sleep(0.2)
    assert button.text in ("Copied", "Selected"), button.text
    # By keyboard.
    driver.find_element(By.NAME, "close").click()
    assert not one.get_attribute("open")
    one.find_element(By.TAG_NAME, "summary").send_keys(Keys.ENTER)
    assert one.get_attribute("open")


def contrast_is_enough(driver):
    """WCAG 2.2, 1.4.3: 4.5 to 1 for text, on the page itself, in this colour scheme."""
    poor = driver.execute_script(
        """
        const parse = (text) => text.match(/[\\d.]+/g).map(Number);
        const light = ([r, g, b]) => [r, g, b]
          .map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
          .reduce((sum, c, place) => sum + c * [0.2126, 0.7152, 0.0722][place], 0);
        const ground = (one) => {
          for (; one; one = one.parentElement) {
            const colour = parse(getComputedStyle(one).backgroundColor);
            if (colour.length < 4 || colour[3] > 0) return colour;
          }
          return [255, 255, 255];
        };
        const poor = [];
        for (const one of document.querySelectorAll("body *:not(script, style, svg *)")) {
          const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
          if (!own || !one.checkVisibility()) continue;
          const [a, b] = [light(parse(getComputedStyle(one).color)), light(ground(one))];
          const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          if (ratio < 4.5) poor.push([one.outerHTML.slice(0, 120), ratio]);
        }
        return poor.slice(0, 5);
        """
    )
    assert not poor, poor


def is_quiet(driver):
    told = [entry for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    assert not told, told


def fits(driver, name):
    """Nothing is wider than the window, at any width, light or dark; the screenshots are for people."""
    for scheme in ["light", "dark"]:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
        contrast_is_enough(driver)
        for width in WIDTHS:
            size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": width < 500}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            wide = driver.execute_script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (name, width, wide)
            driver.save_screenshot(str(FOLDER / f"{name}-{width}-{scheme}.png"))
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def main():
    for old in FOLDER.glob("*.png"):
        os.remove(old)
    broken, broken_data = report("broken", ["signature-ignored", "secrets-ignored"])
    right, right_data = report("right", [])
    flow, flow_data = report("flow", [], "--profile", "verification", "--write")
    driver = browser()
    try:
        driver.get(broken.as_uri())
        assert driver.find_element(By.TAG_NAME, "h1").text == "DOES NOT CONFORM"
        filters_work(driver, broken_data)
        evidence_opens(driver)
        fits(driver, "broken")
        is_quiet(driver)

        driver.get(right.as_uri())
        assert driver.find_element(By.TAG_NAME, "h1").text == "CONFORMS"
        same(driver, ids(right_data, lambda one: True))
        rows = driver.find_elements(By.CSS_SELECTOR, ".latency tbody tr")
        assert len(rows) == len(right_data["latency"]["callbacks"]) > 0
        fits(driver, "right")
        is_quiet(driver)

        driver.get(flow.as_uri())
        steps = driver.find_elements(By.CSS_SELECTOR, ".timeline li")
        assert len(steps) == len(flow_data["flow"]["steps"]) > 5
        fits(driver, "flow")
        is_quiet(driver)
        # On paper: what failed is open, and no control is left.
        driver.get(broken.as_uri())
        driver.execute_script("dispatchEvent(new Event('beforeprint'))")
        assert all(one.get_attribute("open") for one in driver.find_elements(By.CSS_SELECTOR, ".requirement.failed"))
    finally:
        driver.quit()
    print(f"the HTML report was looked at in Chromium; screenshots lie in {FOLDER}")


main()
