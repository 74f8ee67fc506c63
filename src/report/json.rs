//! What programs read: one event a line, and names of tasks as the words a person would type.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::event::{Event, VERSION};
use crate::words::TaskId;

/// Returns one event as a line of JSON with the version of the format: `{"v":1,"event":"done",…}`.
pub fn line(event: &Event) -> String {
    let mut fields = Map::from_iter([("v".to_owned(), json!(VERSION))]);
    if let Value::Object(event) = to_value(event) {
        fields.extend(event);
    }
    Value::Object(fields).to_string()
}

/// Returns one JSON value over several lines, ended by a newline: what every listing prints.
pub fn page(value: &Value) -> String {
    format!("{value:#}\n")
}

/// Returns the page of what a name stands for: its value, or a list of them when it stands for several.
pub fn page_of(mut values: Vec<Value>) -> String {
    if values.len() == 1 { page(&values.remove(0)) } else { page(&Value::Array(values)) }
}

/// Returns a value as JSON in which every task is its name (`models:train@a[week=3]`).
pub fn to_value(value: &impl Serialize) -> Value {
    // Our own types have string keys only, and no way to fail.
    let mut value = serde_json::to_value(value).expect("our types are JSON");
    name_tasks(&mut value);
    value
}

fn name_tasks(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(name_tasks),
        Value::Object(fields) => match task_of(fields) {
            Some(task) => *value = Value::String(task.to_string()),
            None => fields.values_mut().for_each(name_tasks),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn task_of(fields: &Map<String, Value>) -> Option<TaskId> {
    let is_task = fields.len() == 3 && ["folder", "name", "partition"].iter().all(|key| fields.contains_key(*key));
    is_task.then(|| serde_json::from_value(Value::Object(fields.clone())).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::How;
    use crate::words::{NodeName, RelPath};

    #[test]
    fn an_event_is_one_line_with_its_version() {
        let task = TaskId::whole(RelPath::root(), NodeName::new("train@a"));
        let event = Event::Done {
            task,
            how: How::Ran,
            elapsed_ms: 12,
            saved_ms: 0,
            degraded: std::collections::BTreeSet::new(),
        };
        insta::assert_snapshot!(line(&event), @r#"{"v":1,"event":"done","task":"train@a","how":"ran","elapsed_ms":12,"saved_ms":0}"#);
    }
}
