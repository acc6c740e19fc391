// Puts topics and replies into a NodeBB 1.4 and writes what it put there, with the ids that NodeBB gave:
//   node crawl_nodebb_seed.js NODEBB_FOLDER WORK.json TRUTH.json
// WORK: {"topics": [{cid, title, text, time, replies: [{text, time}]}], "replies": [{tid, text, time}]}; times in ms.
'use strict';
const fs = require('fs');
const path = require('path');

const folder = path.resolve(process.argv[2]);
process.chdir(folder);
const load = name => require(path.join(folder, name));
const nconf = load('node_modules/nconf');
const async = load('node_modules/async');

nconf.file({ file: path.join(folder, 'config.json') });
nconf.defaults({ base_dir: folder, views_dir: path.join(folder, 'public/templates'), version: '1.4.0',
	themes_path: path.join(folder, 'node_modules'), upload_url: '/uploads', upload_path: 'public/uploads',
	relative_path: '', base_url: nconf.get('url'), use_port: true });

const work = JSON.parse(fs.readFileSync(process.argv[3], 'utf8'));
const truth = [];

function reply(entry, next) {
	const topics = load('src/topics');
	topics.reply({ uid: 1, tid: entry.tid, content: entry.text, timestamp: entry.time }, (error, post) => {
		if (error) { return next(error); }
		truth.push({ tid: entry.tid, pid: post.pid, text: entry.text, time: entry.time, opens: false });
		next();
	});
}

function topic(entry, next) {
	const topics = load('src/topics');
	const data = { uid: 1, cid: entry.cid, title: entry.title, content: entry.text, timestamp: entry.time, tags: [] };
	topics.post(data, (error, made) => {
		if (error) { return next(error); }
		const tid = made.topicData.tid;
		truth.push({ tid, pid: made.postData.pid, title: entry.title, text: entry.text, time: entry.time, opens: true });
		async.eachSeries(entry.replies, (answer, done) => reply(Object.assign({ tid }, answer), done), next);
	});
}

function finish(error) {
	if (error) { console.error(error); process.exit(1); }
	fs.writeFileSync(process.argv[4], JSON.stringify(truth));
	process.exit(0);
}

load('src/database').init((error) => {
	if (error) { return finish(error); }
	const meta = load('src/meta');
	meta.configs.init(() => {
		Object.assign(meta.config, { minimumPostLength: 1, minimumTitleLength: 1, postDelay: 0, initialPostDelay: 0,
			newbiePostDelay: 0 });
		async.series([
			next => async.eachSeries(work.topics || [], topic, next),
			next => async.eachSeries(work.replies || [], reply, next),
		], finish);
	});
});
