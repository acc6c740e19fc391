<?php
// Puts the posts and comments of a JSON file into a WordPress: php seed_wordpress.php FOLDER URL JSON
// The first run installs the site. Keys of the file: posts, comments, edits, deletions (by slug).
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = parse_url($argv[2], PHP_URL_HOST) . ':' . parse_url($argv[2], PHP_URL_PORT);
$_SERVER['REQUEST_URI'] = '/';
require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
$work = json_decode(file_get_contents($argv[3]), true);
if (!is_blog_installed()) {
    wp_install('溪城生活', 'admin', 'admin@example.org', true, '', 'not-a-secret', 'zh_CN');
    wp_delete_post(1, true);
    wp_delete_post(2, true);
    foreach (['timezone_string' => 'Asia/Shanghai', 'blog_charset' => 'UTF-8', 'posts_per_rss' => 100,
        'posts_per_page' => 10, 'comment_moderation' => 0, 'page_comments' => 0] as $name => $value) {
        update_option($name, $value);
    }
    global $wp_rewrite;
    $wp_rewrite->set_permalink_structure('/archives/%post_id%');
    $wp_rewrite->flush_rules(true);
}
function by_slug($slug) { return get_page_by_path($slug, OBJECT, 'post'); }
foreach ($work['posts'] ?? [] as $post) {
    $id = wp_insert_post(['post_title' => $post['title'], 'post_name' => $post['slug'], 'post_status' => 'publish',
        'post_content' => $post['text'], 'post_author' => 1, 'comment_status' => 'open',
        'post_date_gmt' => $post['time'], 'post_date' => get_date_from_gmt($post['time'])], true);
    if (is_wp_error($id)) { fwrite(STDERR, $id->get_error_message()); exit(1); }
}
foreach ($work['comments'] ?? [] as $comment) {
    $id = wp_insert_comment(['comment_post_ID' => by_slug($comment['slug'])->ID, 'comment_author' => $comment['author'],
        'comment_content' => $comment['text'], 'comment_approved' => 1,
        'comment_date_gmt' => $comment['time'], 'comment_date' => get_date_from_gmt($comment['time'])]);
}
foreach ($work['edits'] ?? [] as $edit) {
    wp_update_post(['ID' => by_slug($edit['slug'])->ID, 'post_content' => $edit['text']]);
}
foreach ($work['deletions'] ?? [] as $slug) { wp_delete_post(by_slug($slug)->ID, true); }
