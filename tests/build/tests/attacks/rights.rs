//! C05: steps that ask for rights that the caller did not give (CVE-2024-23653).

use crate::as_both;

#[test]
fn c05_a_step_gets_the_hosts_rights_only_when_the_caller_allows_it() {
    as_both(|workshop| {
        // The attack: with all capabilities a step mounts what it likes.
        let dockerfile = "FROM base\nRUN --security=insecure mkdir /m && mount -t tmpfs none /m && echo mount'ed'\n";
        let flags = ["--allow", "security.insecure", "--output", "type=cacheonly"];
        let _ = workshop
            .build(dockerfile, &flags)
            .expect_success()
            .expect_text("mounted");

        let _ = workshop
            .build(dockerfile, &["--no-cache"])
            .expect_failure(&[
                "security.insecure is not allowed",
                ">>> RUN --security=insecure",
            ])
            .refute_text("mounted");
        let _ = workshop
            .build(&dockerfile.replace("--security=insecure ", ""), &[])
            .expect_failure(&["permission denied"])
            .refute_text("mounted");
    });
}

#[test]
fn c05_a_step_gets_the_hosts_network_only_when_the_caller_allows_it() {
    as_both(|workshop| {
        let port = workshop
            .server
            .address()
            .rsplit(':')
            .next()
            .unwrap()
            .to_owned();
        let fetch = format!("wget -q -O - http://127.0.0.1:{port}/v2/ && echo reach'ed'");
        let dockerfile = format!("FROM base\nRUN --network=host {fetch}\n");
        let flags = ["--allow", "network.host", "--output", "type=cacheonly"];
        let _ = workshop
            .build(&dockerfile, &flags)
            .expect_success()
            .expect_text("reached");

        let words = ["network.host is not allowed", ">>> RUN --network=host"];
        let _ = workshop
            .build(&dockerfile, &["--no-cache"])
            .expect_failure(&words)
            .refute_text("reached");
        // The same service from the network that steps have otherwise.
        let _ = workshop
            .build(&format!("FROM base\nRUN {fetch}\n"), &[])
            .expect_failure(&["refused"])
            .refute_text("reached");
    });
}

#[test]
fn c05_a_step_gets_no_device_of_the_host() {
    as_both(|workshop| {
        let look = "ls /dev; cat /dev/mem /dev/kmsg /dev/vda /dev/sda /dev/kvm; mknod /tmp/d b 254 0 && echo mad'e'; true";
        let dockerfile = format!("FROM base\nRUN --device=vendor.example/all=all {look}\n");
        let built = workshop.build(&dockerfile, &["--output", "type=cacheonly"]);
        for word in ["made", "/kvm: Is", " kvm", " mem", " vda", " fuse"] {
            assert!(
                !built.log.contains(&format!("{word}\n")),
                "{word}: {}",
                built.log
            );
        }
        let _ = workshop
            .build("FROM base\nRUN --device= true\n", &[])
            .expect_failure(&["device"]);
    });
}
