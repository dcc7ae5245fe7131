use super::samples::make_samples;
use super::*;

fn refuse(text: &str, form: TemplateForm) -> (usize, String) {
    match check_template(text, form, &EventKind::ALL) {
        Err(TargetError::Template { line, reason }) => (line, reason),
        other => panic!("{text:?}: {other:?}"),
    }
}

fn accept(text: &str, form: TemplateForm) {
    check_template(text, form, &EventKind::ALL).unwrap_or_else(|error| panic!("{text:?}: {error}"));
}

/// Facts with this text wherever one can be.
fn facts_with(text: &str) -> SpokenFacts {
    let mut facts = make_samples(&[EventKind::TagCreated]).remove(0);
    facts.tag = Some(text.to_owned());
    facts.actor = text.to_owned();
    facts
}

#[test]
fn values_stand_between_quotes_or_come_by_tojson() {
    accept(
        r#"{"text": "{{ event }}: {{ reference }}", "n": {{ is_public }}}"#,
        TemplateForm::Json,
    );
    accept(
        r#"{"tag": {{ tag | tojson }}, "build": {{ build | tojson }}}"#,
        TemplateForm::Json,
    );
    accept(
        r#"{"tags": [{% if build %}{% for tag in build.tags %}"{{ tag }}"{% if not loop.last %}, {% endif %}{% endfor %}{% endif %}]}"#,
        TemplateForm::Json,
    );
    accept(
        "{% if tag %}{{ image }}:{{ tag }}{% else %}{{ repository | upper }}{% endif %}",
        TemplateForm::Text,
    );
}

#[test]
fn a_mistake_is_named_with_its_line() {
    let json = TemplateForm::Json;
    for (text, line, part) in [
        ("{\n\"a\": \"{{ tag }\"}", 2, "syntax error"),
        ("{\n\n\"a\": \"{{ taggg }}\"}", 3, "undefined"),
        ("{\"a\": \"{{ tag | nofilter }}\"}", 1, "unknown filter"),
        ("{\n\"a\": {{ tag }}}", 2, "no JSON"),
        ("{\"a\": \"{{ build.number }}\"}", 1, "undefined"),
        ("{\"a\": \"{{ tag | safe }}\"}", 1, "unknown filter"),
        ("{% include \"/etc/passwd\" %}", 1, ""),
        ("plain words", 1, "no JSON"),
    ] {
        let (found, reason) = refuse(text, json);
        assert_eq!(found, line, "{text}: {reason}");
        assert!(reason.contains(part), "{text}: {reason}");
    }
    refuse(&"a".repeat(LONGEST_TEMPLATE + 1), TemplateForm::Text);
    refuse("{{ actor | tojson }}", TemplateForm::Text);
}

#[test]
fn work_and_text_are_bounded() {
    for text in [
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        &format!(
            "{{% set a = 'xxxxxxxx' %}}{}{{{{ a }}}}",
            "{% set a = a ~ a %}".repeat(40)
        ),
    ] {
        let done = check_template(text, TemplateForm::Text, &[EventKind::TagCreated]);
        let reason = match done {
            Err(TargetError::Template { reason, .. }) => reason,
            other => panic!("{text}: {other:?}"),
        };
        assert!(reason.contains("work"), "{text}: {reason}");
    }
    let (_, reason) = refuse(
        "{% for a in range(9000) %}{{ '0123456789' }}{% endfor %}",
        TemplateForm::Text,
    );
    assert!(
        reason.contains("bytes") || reason.contains("work"),
        "{reason}"
    );
}

/// Row H62 of the list of attacks: what a name holds is text, never code and never structure.
#[test]
fn h62_a_name_can_neither_become_template_code_nor_break_out_of_a_json_string() {
    for name in [
        "{{ actor }}",
        "{% for x in range(99999) %}x{% endfor %}",
        "\", \"admin\": true, \"x\": \"",
        "a\r\nb\u{2028}c\0d",
        "\\",
        "</script>",
        "{# c #}",
    ] {
        let facts = facts_with(name);
        let text = r#"{"tag": "{{ tag }}", "who": {{ actor | tojson }}, "both": "{% set x %}{{ tag }}{% endset %}{{ x }}"}"#;
        let body = render_template(text, TemplateForm::Json, &facts, escape_json).expect(name);
        let body: serde_json::Value = serde_json::from_str(&body).expect(name);
        let expected = serde_json::json!({"tag": name, "who": name, "both": name});
        assert_eq!(body, expected);
    }
}

#[test]
fn nothing_turns_escaping_off() {
    fn shout(text: &str) -> String {
        text.to_uppercase()
    }
    let facts = facts_with("v1");
    for text in [
        "{% autoescape false %}{{ tag }}{% endautoescape %}",
        "{% filter lower %}{{ tag }}{% endfilter %}",
        "{{ [tag, tag] | join }}",
        "{{ '' ~ tag }}",
        "{{ tag | replace('x', 'y') }}",
    ] {
        let rendered = render_template(text, TemplateForm::Text, &facts, shout);
        let rendered = rendered.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(
            !rendered.contains("v1") || text.contains("lower"),
            "{text}: {rendered}"
        );
    }
}
