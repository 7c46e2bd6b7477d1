"""Chat templates as a hostile or broken model file might carry them, by name."""

TURNS = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}"

_REACHES_OUT = {
    "subclasses": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "cycler globals": "{{ cycler.__init__.__globals__.os.popen('touch OWNED').read() }}",
    "lipsum globals": "{{ lipsum.__globals__['os'].system('touch OWNED') }}",
    "attr filter": "{{ cycler | attr('__init__') | attr('__globals__') }}",
    "format string": "{{ '{0.__class__.__init__.__globals__}'.format(cycler) }}",
    "format map": "{{ '{a.__class__.__base__}'.format_map({'a': cycler}) }}",
    "indirect format": "{{ ['{0.__class__}'] | map('format', cycler) | join }}",
    "namespace": "{{ namespace.__init__.__globals__ }}",
    "self blocks": "{{ self._TemplateReference__context.environment.loader.get_source }}",
    "function code": "{{ raise_exception.__code__.co_consts }}",
    "strftime globals": "{{ strftime_now.__globals__['secrets'].token_hex() }}",
    "import": "{% import '/etc/passwd' as p %}",
    "include": "{% include '//host/share/x' %}",
    "extends": "{% extends 'http://127.0.0.1/x' %}",
    "changes the turns": "{% set _ = messages.append({'role': 'user', 'content': 'x'}) %}",
    "changes a text": "{% set _ = messages[0].update({'content': 'x'}) %}",
}  # each is followed by the turns: whatever it does, a text or a fallback has to come
_BOMBS = {
    "loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "writing loops": "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
    "long string": "{% set x = 'x' * 9999999999 %}",
    "doubling": "{% set ns = namespace(a='xx') %}{% for i in range(60) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}",
    "doubling list": "{% set ns = namespace(a=[1]) %}{% for i in range(60) %}{% set ns.a = ns.a + ns.a %}{% endfor %}",
    "ljust": "{{ 'x'.ljust(3000000000) }}",
    "center": "{{ 'x' | center(2000000000) }}",
    "zero fill": "{{ '%02000000000d' % 1 }}",
    "spaced format": "{{ '{:>2000000000}'.format('x') }}",
    "indent": "{{ ('x\n' * 1000000) | indent(1000) }}",
    "replace": "{{ ('x' * 1000000).replace('x', 'y' * 1000000) }}",
    "lipsum": "{{ lipsum(n=99999, html=false) }}",
    "power": "{{ 9 ** 999999999 }}",
    "powers": "{{ ((((9 ** 64) ** 64) ** 64) ** 64) ** 64 }}",
    "products": "{% set ns = namespace(n=9) %}{% for i in range(60) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
    "joined": "{{ range(99999) | map('string') | map('center', 99999) | join }}",
    "wrapping": "{{ ('x ' * 3000000) | wordwrap(1) | length }}",
    "links": "{{ (('a@' * 400000) ~ '.') | urlize | length }}",
    "sorting": "{{ (range(99999) | list * 900) | sort | length }}",
    "lazy": "{{ range(99999) | select('in', range(99999) | list * 900) | list | length }}",
}
_BROKEN = {
    "syntax": "{% for %}",
    "unclosed": "{% if true %}{{ messages[0",
    "endless macro": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "two macros": "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ g() }}",
    "recursive loop": "{% for m in messages recursive %}{{ loop(messages) }}{% endfor %}",
    "deep brackets": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "deep lists": "{{ " + "[" * 3000 + "]" * 3000 + " }}",
    "deep nots": "{{ " + "not " * 9000 + "1 }}",
    "deep ifs": "{% if true %}" * 900 + "{% endif %}" * 900,
    "deep loops": "{% for a in [1] %}" * 60 + "{% endfor %}" * 60,
    "long sum": "{{ " + "1+" * 15000 + "1 }}",
    "over the cap": "{# " + "x" * 66_000 + " #}",
    "raises": "{{ raise_exception('no') }}",
    "divides by nothing": "{{ 1 / 0 }}",
    "odd date": "{{ strftime_now('%') }}{{ strftime_now('\\0') }}{{ strftime_now(none) }}",
    "half a character": "{{ '\ud800' }}",
    "nothing of the chat": "always the same",
    "long steps": "{% for i in range(99999) %}{% set x = range(99999) | list | length %}{% endfor %}",
}

TEMPLATES = {name: source + TURNS for name, source in (_REACHES_OUT | _BOMBS | _BROKEN).items()} | {
    "nothing of the chat": "always the same",
    "nothing at all": "",
    "another order": "{% for m in messages | reverse %}{{ m.content }}{% endfor %}",
    "shouts": TURNS.replace("m.content", "m.content | upper"),
    "well until asked": "{% if messages | length > 3 %}" + _BOMBS["loops"] + "{% endif %}" + TURNS,
    "fails late": _BOMBS["loops"].replace("99999", "4000") + "{{ raise_exception('now') }}",
}
# Those that are tried at night alone: each is much like one that is tried with every change.
_AT_NIGHT = {
    "cycler globals", "format string", "format map", "function code", "extends", "changes a text", "writing loops",
    "doubling list", "center", "spaced format", "power", "products", "two macros", "deep lists", "deep nots",
    "unclosed", "raises", "divides by nothing", "joined",
}  # fmt: skip
EXAMPLES = tuple(name for name in TEMPLATES if name not in _AT_NIGHT)
