//! `config`: what is set where, and changing it.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn a_setting_is_written_where_it_is_asked_for() {
    let project = Sandbox::example();
    assert_snapshot!(project.lockgate("config grace 9s"), @"
    --- stderr
    `grace` is 9s in `.lockgate/config.toml`
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("config --local cache.link hardlink"), @"
    --- stderr
    `cache.link` is hardlink in `.lockgate/config.local.toml`
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("config --user pools.gpu 2"), @"
    --- stderr
    `pools.gpu` is 2 in `DIR/home/.config/lockgate/config.toml`
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("config --list --origin"), @"
    setting         value       origin
    jobs            2           environment variable LOCKGATE_JOBS
    grace           9s          .lockgate/config.toml:1
    cache.link      hardlink    .lockgate/config.local.toml:1
    cache.protect   false       default
    parsing.bool    store_true  default
    parsing.list    nargs       default
    dvc.write_lock  false       default
    pools.gpu       2           DIR/home/.config/lockgate/config.toml:1
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("config grace"), @"
    9s
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("config --unset grace"), @"
    --- stderr
    `grace` is not set any more in `.lockgate/config.toml`
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("config --list"), @r#"
    jobs = 2
    grace = "5s"
    cache.link = "hardlink"
    cache.protect = false
    parsing.bool = "store_true"
    parsing.list = "nargs"
    dvc.write_lock = false
    pools.gpu = 2
    --- exit 0
    "#);
    assert_snapshot!(project.lockgate("config --list --json"), @r#"
    {
      "v": 1,
      "settings": [
        {
          "key": "jobs",
          "value": "2",
          "origin": "environment variable LOCKGATE_JOBS"
        },
        {
          "key": "grace",
          "value": "5s",
          "origin": "default"
        },
        {
          "key": "cache.link",
          "value": "hardlink",
          "origin": ".lockgate/config.local.toml:1"
        },
        {
          "key": "cache.protect",
          "value": "false",
          "origin": "default"
        },
        {
          "key": "parsing.bool",
          "value": "store_true",
          "origin": "default"
        },
        {
          "key": "parsing.list",
          "value": "nargs",
          "origin": "default"
        },
        {
          "key": "dvc.write_lock",
          "value": "false",
          "origin": "default"
        },
        {
          "key": "pools.gpu",
          "value": "2",
          "origin": "DIR/home/.config/lockgate/config.toml:1"
        }
      ]
    }
    --- exit 0
    "#);
}

#[test]
fn a_wrong_setting_is_shown_with_its_place() {
    let project = Sandbox::example();
    assert_snapshot!(project.lockgate("config cache.lnk copy"), @"
    --- stderr
    error: there is no setting `cache.lnk`
      help: did you mean `cache.link`?
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("config grace soon"), @"
    --- stderr
    error: `grace` cannot be `soon`: it is a duration such as `5s`, `500ms` or `2m`
      help: time between SIGTERM and SIGKILL when a task is ended
    --- exit 2
    ");
    project.write(".lockgate/config.toml", "job = 3\n");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    error: there is no setting `job`
       ╭─[.lockgate/config.toml:1:1]
     1 │ job = 3
       · ─┬─
       ·  ╰── not a setting
       ╰────
      help: did you mean `jobs`?
    --- exit 3
    ");
}
