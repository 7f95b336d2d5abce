"""A function in Python as Lambda runs it at a cold start: `python invoke.py <module file> <event> <result>`. As invoke.cjs."""
import importlib.util
import json
import os
import resource
import sys

module, event, result = sys.argv[1:]
spec = importlib.util.spec_from_file_location("function", module)
function = importlib.util.module_from_spec(spec)
spec.loader.exec_module(function)
with open(event, encoding="utf-8") as file:
    function.lambda_handler(json.load(file), {})
used = resource.getrusage(resource.RUSAGE_SELF)
# Linux counts its memory in KB, macOS in bytes.
unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
with open(result, "w", encoding="utf-8") as file:
    cpu_ms = (used.ru_utime + used.ru_stime) * 1000
    json.dump({"failed": 0, "cpuMs": cpu_ms, "mb": used.ru_maxrss / unit}, file)
sys.stdout.flush()
os._exit(0)
